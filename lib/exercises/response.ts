import { memory } from '../inside/memory.js';
import { nesterov } from '../optimizers/nesterov.js';
import { tidy } from '../params.js';
import { close, type Exercise } from './exercise.js';

/**
 * Notebook 07: what Nesterov's accelerated gradient answers to one gradient of 1, so many steps later: the change of the
 * update. Held against the rule itself.
 */
export const response: Exercise<(lr: number, momentum: number, lag: number) => number> = (answer) => {
  const lags = 6;
  const flat = {
    coordinates: [{ parameter: 'x', name: 'x[0]' }],
    gradients: [Array.from({ length: 16 }, (_, t) => (t % 3 ? 1 : -1))],
  };
  for (const [lr, momentum] of [
    [0.5, 0.9],
    [0.2, 0.4],
  ] as const) {
    // prettier-ignore
    const expected = tidy(() => memory(nesterov({ lr, momentum }), flat, { at: [4], lags, extra: 1 }));
    const got = expected.map((_, lag) => answer(lr, momentum, lag));
    const right = expected.map(({ mean }, lag) => close([got[lag]!], [mean], 1e-4));
    if (right.every(Boolean)) continue;
    const wrong = right.indexOf(false);
    if (close(got, expected.map(({ mean }) => -mean), 1e-4)) return 'the sizes are right; does it go up or down the slope?'; // prettier-ignore
    if (wrong === 0)
      return 'at lag 0, a gradient of 1 enters the update twice: by itself, and through v, which holds it already';
    return `lag 0 is right, lag ${wrong} is not: by then the gradient lives on in v alone`;
  }
  return null;
};
