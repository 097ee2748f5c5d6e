import * as tf from '@tensorflow/tfjs';
import { afterEach, describe, expect, test } from 'vitest';
import { mlp } from '../optimizees/index.js';
import { mapParams, ravel, tidy, valueAndGrad } from '../params.js';
import { tiny } from '../testing/tiny.js';
import type { Optimizee } from '../types.js';
import { fusedOptimizee } from './optimizee.js';

const before = process.env.L2L_ENGINE;
afterEach(() => {
  if (before === undefined) delete process.env.L2L_ENGINE;
  else process.env.L2L_ENGINE = before;
});

const gap = (a: readonly number[], b: readonly number[]) =>
  Math.hypot(...a.map((x, i) => x - b[i]!)) / Math.hypot(...b);

describe.each(['native', 'wasm'])('the %s classifier', (engine) => {
  test.each([
    ['sigmoid', [20], 128, 10],
    ['sigmoid', [20, 20], 128, 10],
    ['relu', [20], 128, 10],
    ['tanh', [7, 3], 100, 5],
    ['sigmoid', [50], 5, 2],
    ['relu', [], 64, 3],
  ] as const)(
    'has the loss and gradient of TensorFlow.js: %s %j, batch %d, %d classes',
    (activation, hidden, batch, classes) => {
      process.env.L2L_ENGINE = engine;
      const data = { ...tiny, labels: tiny.labels.map((label) => label % classes) };
      const f = mlp({ data, hidden, activation, batch, classes, stddev: 0.5 })(3);
      const fast = fusedOptimizee(f);
      expect(fast).not.toBe(f);
      const at = (g: Optimizee, t: number) => {
        const { value, grads } = valueAndGrad((x) => g.loss(x, t).mul(2), f.theta0);
        return { value: value.dataSync()[0]!, gradient: Array.from(ravel(grads).dataSync()) };
      };
      for (const t of [0, 7]) {
        const [ours, theirs] = [at(fast, t), at(f, t)];
        expect(Math.abs(ours.value / theirs.value - 1)).toBeLessThan(1e-5);
        expect(gap(ours.gradient, theirs.gradient)).toBeLessThan(1e-5);
      }
    },
  );

  test('passes NaN on, and a hundred nats without overflow', () => {
    process.env.L2L_ENGINE = engine;
    const f = mlp({ data: tiny, hidden: [4], batch: 16, stddev: 1 })(1);
    const loss = (scale: number) => {
      const theta = mapParams(f.theta0, (p) => p.mul(scale));
      return [fusedOptimizee(f), f].map((g) => g.loss(theta, 0).dataSync()[0]!);
    };
    expect(loss(NaN)).toEqual([NaN, NaN]);
    const [ours, theirs] = loss(1000);
    expect(Math.abs(ours! / theirs! - 1)).toBeLessThan(1e-5);
  });

  test('leaves no tensors but its results', () => {
    process.env.L2L_ENGINE = engine;
    const f = fusedOptimizee(mlp({ data: tiny, hidden: [4], batch: 16 })(1));
    const count = tf.memory().numTensors;
    tidy(() => valueAndGrad((x) => f.loss(x, 0), f.theta0) && undefined);
    expect(tf.memory().numTensors).toBe(count);
  });
});

test("a loss of one's own, and every one with L2L_ENGINE=plain, stays as it is", () => {
  const f = mlp({ data: tiny })(1);
  const other: Optimizee = { ...f, loss: (theta, t) => f.loss(theta, t).mul(2) };
  expect(fusedOptimizee(other)).toBe(other);
  process.env.L2L_ENGINE = 'plain';
  expect(fusedOptimizee(f)).toBe(f);
});
