import { describe, expect, test } from 'vitest';
import { adam } from '../optimizers/adam.js';
import { nesterov } from '../optimizers/nesterov.js';
import { sgd } from '../optimizers/sgd.js';
import { carriedOn, halfLife, memory } from './memory.js';
import { heavyBall } from './rules.js';

const coordinate = { parameter: 'x', name: 'x[0]' };
const seen = {
  coordinates: [coordinate],
  gradients: [Array.from({ length: 40 }, (_, t) => (t % 3 ? 1 : -1))],
};
const means = (answer: { mean: number }[]) => answer.map(({ mean }) => mean);
const near = (got: number[], expected: number[], digits = 4) => {
  expect(got.length).toBe(expected.length);
  got.forEach((x, i) => expect(x).toBeCloseTo(expected[i]!, digits));
};

describe('the answer to one gradient', () => {
  test('of gradient descent is −lr at once and nothing after', () => {
    near(means(memory(sgd({ lr: 0.5 }), seen, { at: [10, 20], lags: 3 })), [-0.5, 0, 0, 0]);
  });

  test('of momentum dies away by its decay; of NAG it is twice in the first update', () => {
    near(means(memory(heavyBall({ lr: 0.5, momentum: 0.8 }), seen, { at: [7], lags: 3 })), [-0.5, -0.4, -0.32, -0.256]); // prettier-ignore
    near(
      means(memory(nesterov({ lr: 1, momentum: 0.5 }), seen, { at: [7], lags: 2 })),
      [-1.5, -0.25, -0.125],
    );
  });

  test('of ADAM on gradients of ±1 is the derivative of m̂ / √v̂', () => {
    const [lr, beta1, beta2, t0] = [0.1, 0.9, 0.99, 20];
    const expected = [0, 1, 2, 3].map((lag) => {
      const t = t0 + lag;
      let m = 0;
      for (let s = 0; s <= t; s++) m = beta1 * m + (1 - beta1) * seen.gradients[0]![s]!;
      const mHat = m / (1 - beta1 ** (t + 1));
      const dm = ((1 - beta1) * beta1 ** lag) / (1 - beta1 ** (t + 1));
      const dv = (2 * seen.gradients[0]![t0]! * (1 - beta2) * beta2 ** lag) / (1 - beta2 ** (t + 1));
      return -lr * (dm - (mHat * dv) / 2); // v̂ = 1
    });
    near(means(memory(adam({ lr, beta1, beta2 }), seen, { at: [t0], lags: 3, extra: 0.01 })), expected, 4);
  });

  test('is in units of the typical gradient of each coordinate, with the error between them', () => {
    const two = { coordinates: [coordinate, coordinate], gradients: [[2, -2, 2, -2], [4, 4, 4, 4]] }; // prettier-ignore
    const [now] = memory(sgd({ lr: 1 }), two, { at: [1], lags: 1 });
    expect(now!.mean).toBeCloseTo(-3, 4);
    expect(now!.se).toBeCloseTo(1, 4);
  });

  test('must lie within the trajectory', () => {
    expect(memory(sgd(), seen).length).toBe(10); // from step 30, three quarters of the way, to 39
    expect(() => memory(sgd(), seen, { at: [35], lags: 5 })).toThrow(
      "step 35 and 5 lags do not lie within the trajectory's 40 steps",
    );
  });
});

describe('its half-life', () => {
  const answer = (...values: number[]) => values.map((mean) => ({ mean }));

  test('is half a step for gradient descent, 6.6 for momentum 0.9', () => {
    expect(halfLife(answer(-2, 0, 0))).toBe(0.5);
    const momentum = Array.from({ length: 20 }, (_, lag) => -(0.9 ** lag));
    expect(halfLife(answer(...momentum))).toBeCloseTo(Math.log(0.5) / Math.log(0.9), 1);
  });

  test('counts from where it stays small, whatever the sign', () => {
    expect(halfLife(answer(-1, 0.1, 0.75, 0.25))).toBe(2.5);
    expect(halfLife(answer(-1, -0.8, -0.7))).toBe(Infinity);
    expect(halfLife(answer(0, 0))).toBeNaN();
  });

  test('what is carried on is what comes later, and negative where it is taken back', () => {
    expect(carriedOn(answer(-2, 0, 0))).toBeCloseTo(0, 12);
    expect(carriedOn(answer(-2, -1, -1))).toBe(0.5);
    expect(carriedOn(answer(-2, 1, 1))).toBe(-0.5);
    const momentum = Array.from({ length: 200 }, (_, lag) => -(0.9 ** lag));
    expect(carriedOn(answer(...momentum))).toBeCloseTo(0.9, 6);
  });
});
