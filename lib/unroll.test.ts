import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { quadratic } from './optimizees/index.js';
import { adam, lstm } from './optimizers/index.js';
import { get, mapParams, ravel, tidy } from './params.js';
import { partition } from './partition.js';
import { logSign } from './preprocess.js';
import { directionalError } from './testing/gradcheck.js';
import type { Optimizee, Params } from './types.js';
import { metaGrad, start, unroll } from './unroll.js';

const learned = lstm({ hidden: [4, 3], preprocess: logSign() });
const phi = learned.init(1);
const recorded = (steps = 5, batch = 3) => {
  const f = quadratic({ dim: 4, batch })(7);
  const m = learned.at(phi);
  const from = start(m, f);
  return { from, segment: unroll(m, f, from, steps) };
};
const values = (p: Params) => Array.from(ravel(p).dataSync());

test('metaGrad is the true gradient of the meta-loss when ∇f does not depend on θ', () => {
  // On f(θ) = ⟨a, θ⟩, ∂∇_t/∂φ is exactly 0, so the paper's assumption costs nothing.
  const a = tf.tensor1d([1, -2, 0.5]);
  const f: Optimizee = { theta0: { x: tf.zeros([3]) }, loss: (p) => get(p, 'x').dot(a) as tf.Scalar };
  const raw = lstm({ hidden: [3] });
  const weights = raw.init(1);
  const metaLoss = (w: Params) => tf.addN(unroll(raw.at(w), f, start(raw.at(w), f), 4).losses) as tf.Scalar;
  const from = start(raw.at(weights), f);
  const grads = metaGrad(raw, weights, from, unroll(raw.at(weights), f, from, 4));
  expect(directionalError(metaLoss, weights, grads)).toBeLessThan(2e-3);
});

test('metaGrad is the numerical gradient of Σ_t ⟨∇_t, θ_t⟩ with the gradients held fixed', () => {
  const { from, segment } = recorded();
  const metaLoss = (w: Params) => {
    const m = learned.at(w);
    let { theta, state } = from;
    let total = tf.scalar(0);
    segment.grads.forEach((grads, t) => {
      total = total.add(ravel(theta).dot(ravel(grads)));
      if (t === segment.grads.length - 1) return;
      const [updates, next] = m.update(grads, state);
      theta = mapParams(theta, (x, name) => x.add(get(updates, name)));
      state = next;
    });
    return total.div(segment.count) as tf.Scalar;
  };
  expect(directionalError(metaLoss, phi, metaGrad(learned, phi, from, segment), 3e-3)).toBeLessThan(1e-2);
});

test('with the last loss alone, metaGrad is the numerical gradient of ⟨∇_T, θ_T⟩ with ∇_T held fixed', () => {
  const { from, segment } = recorded();
  const lastLoss = (w: Params) => {
    const m = learned.at(w);
    let { theta, state } = from;
    for (const grads of segment.grads.slice(0, -1)) {
      const [updates, next] = m.update(grads, state);
      theta = mapParams(theta, (x, name) => x.add(get(updates, name)));
      state = next;
    }
    return ravel(theta)
      .dot(ravel(segment.grads.at(-1)!))
      .div(segment.count) as tf.Scalar;
  };
  const grads = metaGrad(learned, phi, from, segment, { objective: 'last' });
  expect(directionalError(lastLoss, phi, grads, 3e-3)).toBeLessThan(1e-2);
});

test('the meta-gradient of a batch is a mean: the count divides it', () => {
  const { from, segment } = recorded();
  const whole = values(metaGrad(learned, phi, from, { ...segment, count: 1 }));
  values(metaGrad(learned, phi, from, segment)).forEach((x, i) => expect(x).toBeCloseTo(whole[i]! / 3, 5));
});

test('a sample of the coordinates gives the meta-gradient on average, and all of them exactly', () => {
  const { from, segment } = recorded();
  const full = metaGrad(learned, phi, from, segment);
  expect(values(metaGrad(learned, phi, from, segment, { share: 1, seed: 5 }))).toEqual(values(full));
  const draws = 300;
  const mean = tidy(() => {
    const all = Array.from({ length: draws }, (_, seed) =>
      ravel(metaGrad(learned, phi, from, segment, { share: 0.3, seed })),
    );
    return Array.from(tf.addN(all).div(draws).dataSync());
  });
  const gap = Math.hypot(...values(full).map((x, i) => x - mean[i]!)) / Math.hypot(...values(full));
  expect(gap).toBeLessThan(0.15);
});

test('only a coordinatewise optimizer can be sampled', () => {
  const m = partition({ all: learned.at(phi) }, () => 'all');
  const parts = { init: learned.init, at: () => m };
  const f = quadratic({ dim: 2 })(0);
  const from = start(m, f);
  const segment = unroll(m, f, from, 2);
  expect(() => metaGrad(parts, phi, from, segment, { share: 0.5, seed: 0 })).toThrow('has no rows()');
});

test('two segments of 5 steps visit the same points as one of 10, bit for bit', () => {
  const f = quadratic({ dim: 3 })(4);
  for (const m of [adam({ lr: 0.1 }), learned.at(phi)]) {
    const once = unroll(m, f, start(m, f), 10);
    const twice = unroll(m, f, unroll(m, f, start(m, f), 5).end, 5);
    expect(values(twice.end.theta)).toEqual(values(once.end.theta));
    expect(twice.end.t).toBe(10);
  }
});

test('an output layer of zeros makes zero updates', () => {
  const zero = { ...phi, 'linear/kernel': tf.zeros([3, 1]), 'linear/bias': tf.zeros([1]) };
  const f = quadratic({ dim: 3 })(4);
  const m = learned.at(zero);
  expect(values(unroll(m, f, start(m, f), 3).end.theta)).toEqual(values(f.theta0));
});

test('unroll and metaGrad keep nothing but what they return', () => {
  const before = tf.memory().numTensors;
  tidy(() => {
    const { from, segment } = recorded();
    metaGrad(learned, phi, from, segment);
    const inside = tf.memory().numTensors;
    const results = [metaGrad(learned, phi, from, segment, { share: 0.5, seed: 1 })];
    expect(tf.memory().numTensors - inside).toBe(Object.keys(phi).length * results.length);
    const m = learned.at(phi);
    const again = unroll(m, quadratic({ dim: 4, batch: 3 })(7), from, 5);
    // Six losses, six gradients, θ, and c and h of two layers, besides W, y and θ₀ of the function.
    expect(tf.memory().numTensors - inside - Object.keys(phi).length).toBe(
      6 + 6 + 1 + 4 + 3 + Number(!again),
    );
  });
  expect(tf.memory().numTensors).toBe(before);
});
