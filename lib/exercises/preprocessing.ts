import { close, type Exercise } from './exercise.js';

/** Notebook 03: Appendix A for one number. */
export const preprocessing: Exercise<(gradient: number, p: number) => [number, number]> = (answer) => {
  for (const p of [10, 3]) {
    const edge = Math.exp(-p);
    const cases: [gradient: number, expected: [number, number], hint: string][] = [
      [1, [0, 1], 'a gradient of 1'],
      [-Math.E, [1 / p, -1], 'a large negative gradient'],
      [10 * edge, [Math.log(10 * edge) / p, 1], 'a gradient just above e^−p'],
      [edge / 4, [-1, 0.25], 'a gradient below e^−p'],
      [-edge / 8, [-1, -0.125], 'a negative gradient below e^−p'],
      [0, [-1, 0], 'a gradient of 0'],
    ];
    for (const [gradient, expected, hint] of cases) {
      if (!close(answer(gradient, p), expected))
        return `with p = ${p}, ${hint} is not mapped as Appendix A says`;
    }
  }
  return null;
};
