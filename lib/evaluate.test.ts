import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { compare, evaluate, finalLoss } from './evaluate.js';
import { quadratic } from './optimizees/index.js';
import { lstm, sgd } from './optimizers/index.js';

const family = quadratic({ dim: 3, batch: 2 });
const learned = lstm({ hidden: [4] });

test('the losses do not depend on the unroll length, bit for bit', async () => {
  const m = learned.at(learned.init(2));
  const run = (unrollLength: number) =>
    evaluate(m, family, { split: 'validation', steps: 20, runs: 2, unrollLength });
  const twenty = await run(20);
  expect(await run(1)).toEqual(twenty);
  expect(await run(5)).toEqual(twenty);
  expect(twenty.map((losses) => losses.length)).toEqual([21, 21]);
});

test('losses are per function: a batch reports the mean of its functions', async () => {
  const f = family(9, 'validation');
  const [losses] = await evaluate(sgd(), family, { split: 'validation', steps: 1, runs: 1, seed: 9 });
  expect(losses![0]).toBeCloseTo(f.loss(f.theta0, 0).dataSync()[0]! / 2, 5);
});

test('no split sees a function of another', async () => {
  const first = (split: 'train' | 'validation' | 'test') =>
    evaluate(sgd(), family, { split, steps: 1, runs: 3 });
  const losses = (await Promise.all([first('train'), first('validation'), first('test')]))
    .flat()
    .map(([loss]) => loss);
  expect(new Set(losses).size).toBe(9);
});

test('an unknown split and senseless counts are refused', async () => {
  const options = { split: 'validation', steps: 1, runs: 1 } as const;
  const refused = (wrong: object) => expect(evaluate(sgd(), family, { ...options, ...wrong })).rejects;
  await refused({ split: 'tset' }).toThrow("unknown split 'tset'; there are: train, validation, test");
  await refused({ runs: 0 }).toThrow('runs must be a whole number from 1 up, got 0');
  await refused({ steps: 1.5 }).toThrow('steps must be a whole number from 1 up, got 1.5');
});

test('the criterion is the mean of the last five losses of all runs, and infinite where one is no number', () => {
  expect(finalLoss([[9, 1, 2, 3, 4, 5], [9, 3, 4, 5, 6, 7]])).toBe(4); // prettier-ignore
  expect(finalLoss([[1, 1, 1, 1, NaN]])).toBe(Infinity);
});

test('compare runs every optimizer on the same functions, counts them all, and leaves no tensor', async () => {
  const before = tf.memory().numTensors;
  const seen: string[] = [];
  const curves = await compare({ a: sgd({ lr: 0.01 }), b: sgd({ lr: 0.02 }) }, family, {
    split: 'train',
    steps: 3,
    runs: 2,
    onProgress: ({ done, total, note }) => seen.push(`${note} ${done}/${total}`),
  });
  expect(curves.a!.map((run) => run[0])).toEqual(curves.b!.map((run) => run[0]));
  expect(curves.a).not.toEqual(curves.b);
  expect(seen).toEqual(['a 1/4', 'a 2/4', 'b 3/4', 'b 4/4']);
  expect(tf.memory().numTensors).toBe(before);
});

test('it can be stopped, and then keeps no tensor', async () => {
  const before = tf.memory().numTensors;
  const stop = new AbortController();
  const options = { split: 'train', steps: 40, runs: 50, unrollLength: 2, signal: stop.signal } as const;
  const work = evaluate(sgd(), family, { ...options, onProgress: () => stop.abort(new Error('enough')) });
  await expect(work).rejects.toThrow('enough');
  expect(tf.memory().numTensors).toBe(before);
});
