const cell = (theta: number, input: number, forget: number, candidate: number): number => {
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  return sigmoid(forget) * theta + sigmoid(input) * Math.tanh(candidate);
};
