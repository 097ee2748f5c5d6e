const cell = (theta: number, input: number, forget: number, candidate: number): number => {
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  return sigmoid(forget) * theta + (1 - sigmoid(forget)) * Math.tanh(candidate);
};
