const ahead = (grads: number[][]): number[][] => {
  const sums: number[][] = [];
  let sum = grads[0].map(() => 0);
  for (let s = grads.length - 2; s >= 0; s--) {
    sum = sum.map((x, i) => x + grads[s + 1][i]);
    sums[s] = sum;
  }
  return sums;
};
