const normalised = (x: readonly number[], offset: number, epsilon: number): number[] => {
  const mean = x.reduce((a, b) => a + b) / x.length;
  const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (x.length - 1);
  return x.map((value) => (value - mean) / Math.sqrt(variance + epsilon) + offset);
};
