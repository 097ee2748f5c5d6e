import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { sgd } from './optimizers/index.js';
import { get } from './params.js';
import { tune } from './tune.js';
import type { OptimizeeFamily } from './types.js';

/** f(x) = a x² / 2: one step of rate 1/a reaches the minimum, rates above 2/a diverge. */
const parabola =
  (a: number): OptimizeeFamily =>
  () => ({
    theta0: { x: tf.scalar(1) },
    loss: (p) => get(p, 'x').square().mul(a / 2), // prettier-ignore
  });
const options = { split: 'validation', steps: 8, runs: 1 } as const;

test('finds the rate among three per octave around the best octave, and counts its cost', async () => {
  const best = 2 ** (-3 + 1 / 3);
  const found = await tune((lr) => sgd({ lr }), parabola(1 / best), { ...options, from: -8, to: 4 });
  expect(found.lr).toBeCloseTo(best, 6);
  const exponents = found.trials.map(({ lr }) => Math.log2(lr));
  const thirds = [-2, -1, 1, 2].map((third) => Math.round(Math.log2(0.125)) + third / 3);
  for (const third of thirds) expect(exponents.some((e) => Math.abs(e - third) < 1e-9)).toBe(true);
  expect(exponents).toEqual([...exponents].sort((a, b) => a - b));
  expect(found.evaluations).toBe((13 + 4) * 9);
});

test('a rate that diverges never wins', async () => {
  const { trials, loss } = await tune((lr) => sgd({ lr }), parabola(4), {
    ...options,
    steps: 400,
    from: -6,
    to: 6,
  });
  expect(trials.filter((trial) => trial.loss === Infinity).length).toBeGreaterThan(0);
  expect(loss).toBeLessThan(1e-6);
});

test.each([
  { from: -3, to: 0 },
  { from: 3, to: 6 },
])('a grid that does not bracket the optimum grows: $from … $to', async (grid) => {
  const best = 2 ** (1 + 1 / 3);
  const seen: number[] = [];
  const found = await tune((lr) => sgd({ lr }), parabola(1 / best), {
    ...options,
    ...grid,
    onProgress: ({ done, total }) => seen.push(total! - done),
  });
  expect(found.lr).toBeCloseTo(best, 6);
  const octaves = found.trials.map(({ lr }) => Math.log2(lr)).filter(Number.isInteger);
  const [low, high] = [Math.min(grid.from, 0), Math.max(grid.to, 2)];
  expect(octaves).toEqual(Array.from({ length: high - low + 1 }, (_, i) => low + i));
  expect(found.evaluations).toBe((octaves.length + 4) * 9);
  expect(seen.at(-1)).toBe(0);
  expect(Math.min(...seen.slice(0, -1))).toBeGreaterThan(0);
});

test('an optimum far from the grid is an error that says so', async () => {
  const work = tune((lr) => sgd({ lr }), parabola(1), { ...options, from: -12, to: -9 });
  await expect(work).rejects.toThrow('2^-3, lies at the edge of 2^-12 … 2^-3 still: begin with another grid');
});
