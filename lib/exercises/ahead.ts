import { close, type Exercise } from './exercise.js';

/** Notebook 02: for every update, the sum of the gradients that come after it (see `metaGrad`). */
export const ahead: Exercise<(grads: number[][]) => number[][]> = (answer) => {
  const grads = [[1, -1], [2, 0.5], [-4, 3], [8, 10]]; // prettier-ignore
  const got = answer(grads.map((g) => [...g]));
  if (got.length === 0) return 'nothing came back';
  if (got.length !== grads.length - 1) {
    return `${grads.length} gradients were seen, so ${grads.length - 1} updates were made; ${got.length} sums came back`;
  }
  // From the definition: for update s, all gradients at t > s.
  const sums = got.map((_, s) => grads.slice(s + 1).reduce(([a, b], [x, y]) => [a! + x!, b! + y!], [0, 0]));
  const wrong = sums.findIndex((sum, s) => !close(got[s]!, sum));
  return wrong < 0 ? null : `update ${wrong} gets the wrong sum: which losses can it still change?`;
};
