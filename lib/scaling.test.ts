import { expect, test } from 'vitest';
import { fusedOptimizee } from './engine/optimizee.js';
import { quadratic } from './optimizees/index.js';
import { mapParams, ravel, valueAndGrad } from './params.js';
import { randomlyScaled } from './scaling.js';

const family = quadratic({ dim: 5, batch: 3 });
const scaled = randomlyScaled(family, 3);

test('a scaled function starts with the same loss, at another point', () => {
  const [f, g] = [family(1), scaled(1)];
  expect(g.loss(g.theta0, 0).dataSync()[0]).toBeCloseTo(f.loss(f.theta0, 0).dataSync()[0]!, 4);
  expect(ravel(g.theta0).arraySync()).not.toEqual(ravel(f.theta0).arraySync());
  expect(g.count).toBe(3);
});

test('its gradient is the gradient of f times the factor, which lies within e^-range and e^range', () => {
  const [f, g] = [family(1), scaled(1)];
  const factors = ravel(mapParams(f.theta0, (theta, name) => theta.div(g.theta0[name]!))).dataSync();
  const [ours, theirs] = [g, f].map(({ loss, theta0 }) =>
    ravel(valueAndGrad((x) => loss(x, 0), theta0).grads).dataSync(),
  );
  factors.forEach((c, i) => {
    expect(Math.abs(Math.log(c))).toBeLessThanOrEqual(3);
    expect(ours![i]! / (c * theirs![i]!)).toBeCloseTo(1, 3);
  });
});

test('the factors belong to the seed and the split', () => {
  const start = (seed: number, split: 'train' | 'validation') =>
    ravel(scaled(seed, split).theta0).arraySync();
  expect(start(1, 'train')).toEqual(start(1, 'train'));
  expect(start(1, 'train')).not.toEqual(start(2, 'train'));
});

test('the engine computes the same loss and gradient as TensorFlow.js', () => {
  const f = scaled(1);
  const fused = fusedOptimizee(f);
  expect(fused === f).toBe(process.env.L2L_ENGINE === 'plain');
  const [ours, plain] = [fused, f].map(({ loss, theta0 }) => valueAndGrad((x) => loss(x, 0), theta0));
  expect(Math.abs(ours!.value.dataSync()[0]! / plain!.value.dataSync()[0]! - 1)).toBeLessThan(1e-5);
  const [a, b] = [ours!, plain!].map(({ grads }) => ravel(grads));
  expect(a!.sub(b!).norm().div(b!.norm()).dataSync()[0]).toBeLessThan(1e-5);
});
