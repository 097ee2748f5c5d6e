import { expect, test } from 'vitest';
import { fitted } from './fitted.js';
import { replay } from './replay.js';
import { heavyBall } from './rules.js';

const seen = { coordinates: [{ parameter: 'x', name: 'x[0]' }], gradients: [[1, -2, 4, 3]] };
const fit = { rule: 'momentum', decays: { momentum: 0.5 }, lr: 2, unexplained: 0 };

test('takes the steps of its rule, with the learning rate of each step, and then with the last', () => {
  const [updates] = replay(fitted({ ...fit, schedule: [2, 2, 2, 2] }), seen);
  expect(updates).toEqual(replay(heavyBall({ lr: 2, momentum: 0.5 }), seen)[0]);
  const [falling] = replay(fitted({ ...fit, schedule: [2, 1] }), seen);
  expect(falling).toEqual(updates!.map((u, t) => (t === 0 ? u : u / 2)));
});

test('an unknown rule is refused', () => {
  expect(() => fitted({ ...fit, rule: 'toString', schedule: [1] })).toThrow("unknown rule 'toString'; there are: SGD, momentum"); // prettier-ignore
});
