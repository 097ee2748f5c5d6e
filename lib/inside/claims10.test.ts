import { expect, test } from 'vitest';
import { claims10, clearlyAbove, roughness, sizeRatio } from './claims10.js';
import { claims11, outerShare, rises } from './claims11.js';
import type { Look } from './look.js';

const answer = (...values: number[]) => values.map((mean) => ({ mean, se: NaN }));
const straight = [4, 2, 0, -2, -4];
const step = [1, 1, 0, -1, -1];

/** A made-up look in which every claim of the paper holds. */
const asInPaper: Look = {
  history: {
    losses: [1, 1, 1],
    coordinates: [{ parameter: 'x', name: 'x[0]' }],
    gradients: [[1, 1, 1, 1]],
    updates: { LSTM: [[-5, -2, -5, -2]], ADAM: [[-2, -2, -2.5, -2]], SGD: [[-1, -1, -1, -1]] },
  },
  answers: { LSTM: answer(-1, -0.4, -0.2, 0), ADAM: answer(-1, -0.9, -0.8, -0.7, -0.4) },
  proposals: [
    {
      coordinate: 'x[0]',
      grid: [-2, -1, 0, 1, 2],
      seen: [1, 1],
      updates: { LSTM: [step, [...step].reverse()], ADAM: [step, step] },
    },
  ],
};
const changed = (
  updates: object,
  answers: object = {},
  lstm = asInPaper.proposals[0]!.updates.LSTM,
): Look => ({
  history: { ...asInPaper.history, updates: { ...asInPaper.history.updates, ...updates } },
  answers: { ...asInPaper.answers, ...answers },
  proposals: [{ ...asInPaper.proposals[0]!, updates: { LSTM: lstm!, ADAM: [step, step] } }],
});
const held = (look: Look) => [...claims10, ...claims11].map(({ holds }) => holds([look, look]));

test('all hold where it is as in the paper', () => {
  expect(held(asInPaper)).toEqual([true, true, true, true, true, true, true]);
});

test('each falls with what it says', () => {
  expect(held(changed({ ADAM: [[-5, -5, -5, -4]] }))).toEqual([false, true, true, true, true, true, true]);
  expect(held(changed({ SGD: [[9, 9, 9, 9]] }))).toEqual([true, false, true, true, true, true, true]);
  expect(held(changed({ LSTM: [[-5, -5, -5, -5]] }))).toEqual([true, true, false, true, true, true, true]);
  expect(held(changed({}, { LSTM: answer(-1, 0, 0, 0) }))).toEqual([
    true,
    true,
    true,
    false,
    true,
    true,
    true,
  ]);
  const long = answer(-1, -1, -1, -1, -1, -0.1);
  expect(held(changed({}, { LSTM: long }))).toEqual([true, true, true, true, false, true, true]);
  expect(held(changed({}, {}, [straight, straight]))).toEqual([true, true, true, true, true, false, false]);
});

test('a claim needs more than the error between the looks', () => {
  expect(clearlyAbove({ mean: 1.5, se: 0.2 }, 1)).toBe(true);
  expect(clearlyAbove({ mean: 1.5, se: 0.3 }, 1)).toBe(false);
  expect(clearlyAbove({ mean: 1.5, se: NaN }, 1)).toBe(true);
});

test('roughness does not depend on size: 0 for constant, 2 for alternating updates', () => {
  expect(roughness([[3, 3, 3]])).toBe(0);
  expect(roughness([[3, -3, 3], [1e-4, -1e-4, 1e-4]])).toBeCloseTo(2, 10); // prettier-ignore
  expect(sizeRatio([[2, -4]], [[1, 1]])).toBe(3);
});

test('a straight line has half of its change outside, a step nothing', () => {
  expect(outerShare(straight)).toBe(0.5);
  expect(outerShare(step)).toBe(0);
  expect([rises(step), rises([0, 1])]).toEqual([false, true]);
});
