import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { get } from '../params.js';
import { smorms3 } from './smorms3.js';

/** Funk's definition, number by number; eps large enough to matter. */
function golden(gradients: number[], lr: number, eps: number): number[] {
  let [mem, g, g2] = [1, 0, 0];
  return gradients.map((grad) => {
    const r = 1 / (mem + 1);
    g = (1 - r) * g + r * grad;
    g2 = (1 - r) * g2 + r * grad ** 2;
    const rate = g ** 2 / (g2 + eps);
    mem = 1 + mem * (1 - rate);
    return (-grad * Math.min(lr, rate)) / (Math.sqrt(g2) + eps);
  });
}

test.each([
  [0.3, 0.5],
  [0.05, 1e-16],
])('SMORMS3 with lr %f and eps %f takes the steps of its definition', (lr, eps) => {
  const gradients = [1, 0.5, -2, 0.25, 0.3, 3, -0.01, 0.4];
  const m = smorms3({ lr, eps });
  let state = m.init({ x: tf.zeros([1]) });
  const steps = gradients.map((grad) => {
    const [updates, next] = m.update({ x: tf.tensor1d([grad]) }, state);
    state = next;
    return get(updates, 'x').dataSync()[0]!;
  });
  golden(gradients, lr, eps).forEach((step, i) => expect(steps[i]).toBeCloseTo(step, 5));
});

test('steps shrink where gradients disagree, and stay at lr where they agree', () => {
  const last = (gradients: number[]) => Math.abs(golden(gradients, 0.1, 1e-16).at(-1)!);
  const agreeing = last(Array<number>(40).fill(1));
  const disagreeing = last(Array.from({ length: 40 }, (_, i) => (i % 2 ? 1 : -1)));
  expect(agreeing).toBeCloseTo(0.1, 6);
  expect(disagreeing).toBeLessThan(0.01);
});
