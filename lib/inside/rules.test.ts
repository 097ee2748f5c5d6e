import { expect, test } from 'vitest';
import { replay } from './replay.js';
import { heavyBall, ruleFamilies, signDescent } from './rules.js';

const seen = { coordinates: [{ parameter: 'x', name: 'x[0]' }], gradients: [[2, -0.5, 0, 4]] };

test('momentum sums the gradients, weighted by how long ago they were', () => {
  const [updates] = replay(heavyBall({ lr: 1, momentum: 0.5 }), seen);
  expect(updates).toEqual([-2, -(1 - 0.5), -0.25, -(0.125 + 4)]);
});

test('the sign rule takes equal steps, with momentum the sum of the signs', () => {
  expect(replay(signDescent({ lr: 0.5 }), seen)[0]).toEqual([-0.5, 0.5, -0, -0.5]);
  expect(replay(signDescent({ lr: 1, momentum: 0.5 }), seen)[0]).toEqual([-1, 0.5, 0.25, -0.875]);
});

test('every family has an optimizer for each of its decays', () => {
  for (const { decays, at } of Object.values(ruleFamilies))
    for (const choice of decays) expect(replay(at(choice, 1), seen)[0]!.every(Number.isFinite)).toBe(true);
});
