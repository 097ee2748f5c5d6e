import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { logSign, raw, rescale } from './preprocess.js';

const of = (gradient: number, p = 10) => Array.from(logSign(p)(tf.tensor1d([gradient])).dataSync());

test.each([
  // ∇, log|∇| / p, sgn ∇ or e^p ∇
  [1, 0, 1],
  [-1, 0, -1],
  [1e2, Math.log(100) / 10, 1],
  [1e-3, Math.log(1e-3) / 10, 1],
  [-Math.exp(-10) * 1.0001, -1, -1], // the seam: both branches agree
  [-Math.exp(-10) * 0.9999, -1, -0.9999],
  [1e-6, -1, 1e-6 * Math.exp(10)],
  [0, -1, 0],
  [-0, -1, 0],
])('logSign maps %d as Appendix A does', (gradient, log, sign) => {
  const [a, b] = of(gradient);
  expect(a).toBeCloseTo(log, 4);
  expect(b).toBeCloseTo(sign, 4);
});

test('a gradient of the other sign changes the sign alone', () => {
  for (const gradient of [3e4, 0.2, 1e-4, 1e-7]) {
    const [[log, sign], [otherLog, otherSign]] = [of(gradient, 7), of(-gradient, 7)];
    expect(otherLog).toBe(log);
    expect(otherSign).toBe(-sign!);
  }
});

test('raw leaves the gradient as it is', () => {
  expect(raw()(tf.tensor1d([3, -1])).arraySync()).toEqual([[3], [-1]]);
});

test('rescale multiplies every gradient by one factor', () => {
  expect(rescale(10)(tf.tensor1d([3, -1])).arraySync()).toEqual([[30], [-10]]);
});
