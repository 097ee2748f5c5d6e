import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { mlp } from '../optimizees/mlp.js';
import { quadratic } from '../optimizees/quadratic.js';
import { lstm } from '../optimizers/lstm.js';
import { sgd } from '../optimizers/sgd.js';
import { get, ravel } from '../params.js';
import { tiny } from '../testing/tiny.js';
import type { Optimizee } from '../types.js';
import { start, unroll } from '../unroll.js';
import { coordinateAt, trajectory } from './trajectory.js';

const parabola: Optimizee = {
  theta0: { a: tf.tensor1d([2, -1]), b: tf.tensor2d([[3, 0]]) },
  loss: (theta, t) => get(theta, 'a').square().sum().add(get(theta, 'b').square().sum()).add(t) as tf.Scalar,
};

test('has the losses and the gradients that the coordinates saw on the way', () => {
  const seen = trajectory(sgd({ lr: 0.25 }), parabola, { steps: 3, coordinates: [2, 1] });
  expect(seen.coordinates.map(({ name }) => name)).toEqual(['b[0, 0]', 'a[1]']);
  expect(seen.gradients).toEqual([
    [6, 3, 1.5],
    [-2, -1, -0.5],
  ]);
  expect(seen.losses).toEqual([14, 14 / 4 + 1, 14 / 16 + 2, 14 / 64 + 3]);
});

test('is that of an unroll, for a network with an LSTM, too', () => {
  const f = mlp({ data: tiny, hidden: [3], batch: 4 })(1);
  const learned = lstm({ hidden: [4] });
  const m = learned.at(learned.init(2));
  const { grads } = unroll(m, f, start(m, f), 4);
  const seen = trajectory(m, f, { steps: 4, coordinates: [0, 50, 17] });
  [0, 50, 17].forEach((place, c) =>
    seen.gradients[c]!.forEach((g, t) =>
      expect(g).toBeCloseTo(ravel(grads[t]!).gather([place]).dataSync()[0]!, 5),
    ),
  );
});

test('a batch of functions has the mean loss', () => {
  const f = quadratic({ dim: 2, batch: 5 })(3);
  const { losses } = trajectory(sgd(), f, { steps: 1, coordinates: [0] });
  expect(losses[0]).toBeCloseTo(f.loss(f.theta0, 0).dataSync()[0]! / 5, 5);
});

test('drawn coordinates are different ones with a gradient, the same for the same seed', () => {
  const draw = (seed: number, coordinates = 3) =>
    trajectory(sgd(), parabola, { steps: 2, coordinates, seed }).coordinates.map(({ name }) => name);
  expect(draw(1).sort()).toEqual(['a[0]', 'a[1]', 'b[0, 0]']); // b[0, 1] rests at its minimum
  expect(new Set([0, 1, 2, 3, 4, 5].map((seed) => draw(seed, 1)[0])).size).toBeGreaterThan(1);
  expect(draw(4, 1)).toEqual(draw(4, 1));
  expect(() => draw(1, 4)).toThrow('only 3 have a gradient at every step');
});

test('a coordinate has its place in its tensor as its name', () => {
  const theta = { image: tf.zeros([2, 3, 4]), bias: tf.scalar(1) };
  expect(coordinateAt(theta, 12 + 4 + 3)).toEqual({ parameter: 'image', name: 'image[1, 1, 3]' });
  expect(coordinateAt(theta, 24)).toEqual({ parameter: 'bias', name: 'bias' });
  for (const place of [25, -1, 0.5])
    expect(() => coordinateAt(theta, place)).toThrow(`θ has the coordinates 0 … 24; there is no ${place}`);
});

test('leaves no tensor behind', () => {
  const before = tf.memory().numTensors;
  trajectory(sgd(), parabola, { steps: 2 });
  expect(tf.memory().numTensors).toBe(before);
});
