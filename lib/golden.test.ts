import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { adam, lstm, nesterov, rmsprop, sgd } from './optimizers/index.js';
import { add, get, mapParams, size } from './params.js';
import { logSign, raw } from './preprocess.js';
import type { Optimizee, Optimizer } from './types.js';
import { metaGrad, start, unroll } from './unroll.js';

const square: Optimizee = { theta0: { x: tf.tensor1d([1]) }, loss: (p) => get(p, 'x').square().sum() };

/** The authors' own test in float64: the optimizer g = w ∇ + b from zero, f = x², 5 steps an unroll, ADAM 0.01. */
function oracle(unrolls: number) {
  let [w, b, x, t] = [0, 0, 1, 0];
  const moments = [0, 0].map(() => ({ m: 0, v: 0 }));
  let loss = 0;
  for (let run = 0; run < unrolls; run++) {
    const gradients: number[] = [];
    for (let s = 0; s < 5; s++) {
      gradients.push(2 * x);
      x += w * 2 * x + b;
    }
    gradients.push(2 * x);
    loss = x * x;
    let [dw, db] = [0, 0];
    for (let s = 0; s < 5; s++) {
      const later = gradients.slice(s + 1).reduce((sum, g) => sum + g, 0);
      dw += later * gradients[s]!;
      db += later;
    }
    t++;
    [w, b] = [dw, db].map((g, i) => {
      const k = moments[i]!;
      k.m = 0.9 * k.m + 0.1 * g;
      k.v = 0.999 * k.v + 0.001 * g * g;
      return [w, b][i]! - (0.01 * (k.m / (1 - 0.9 ** t))) / (Math.sqrt(k.v / (1 - 0.999 ** t)) + 1e-8);
    }) as [number, number];
  }
  return { loss, x };
}

test("the golden values of the authors' meta_test (from Torch): loss .7325327, x .8559", () => {
  const learned = lstm({ hidden: [], scale: 1 });
  let phi = mapParams(learned.init(0), tf.zerosLike);
  const outer = adam({ lr: 0.01 });
  let h = outer.init(phi);
  let here = start(learned.at(phi), square);
  let loss = NaN;
  for (let run = 0; run < 2; run++) {
    const segment = unroll(learned.at(phi), square, here, 5);
    const [updates, next] = outer.update(metaGrad(learned, phi, here, segment), h);
    [phi, h, here] = [add(phi, updates), next, segment.end];
    loss = segment.losses.at(-1)!.dataSync()[0]!;
  }
  const exact = oracle(2);
  expect(exact.loss).toBeCloseTo(0.7325327, 6);
  expect(exact.x).toBeCloseTo(0.8559, 4);
  expect(loss).toBeCloseTo(exact.loss, 6);
  expect(get(here.theta, 'x').dataSync()[0]).toBeCloseTo(exact.x, 6);
});

describe('two steps on x² from x = 1, from the printed algorithm', () => {
  const walk = (m: Optimizer) => get(unroll(m, square, start(m, square), 2).end.theta, 'x').dataSync()[0]!;
  // Every constant matters to the first digits: an eps of 0.5, not 1e-8.
  const [lr, eps] = [0.1, 0.5];

  test('sgd', () => expect(walk(sgd({ lr }))).toBeCloseTo(0.8 * 0.8, 6));

  test('adam, Algorithm 1', () => {
    let [x, m, v] = [1, 0, 0];
    for (const t of [1, 2]) {
      m = 0.8 * m + 0.2 * 2 * x;
      v = 0.9 * v + 0.1 * (2 * x) ** 2;
      x -= (lr * m) / (1 - 0.8 ** t) / (Math.sqrt(v / (1 - 0.9 ** t)) + eps);
    }
    expect(walk(adam({ lr, beta1: 0.8, beta2: 0.9, eps }))).toBeCloseTo(x, 6);
  });

  test('rmsprop, eps outside the root', () => {
    let [x, v] = [1, 0];
    for (let t = 0; t < 2; t++) {
      v = 0.7 * v + 0.3 * (2 * x) ** 2;
      x -= (lr * 2 * x) / (Math.sqrt(v) + eps);
    }
    expect(walk(rmsprop({ lr, decay: 0.7, eps }))).toBeCloseTo(x, 6);
  });
});

describe('NAG reports the losses of', () => {
  const momentum = 0.7;
  const lr = 0.05;
  const f = (x: number) => 3 * (x - 2) ** 2;
  const slope = (x: number) => 6 * (x - 2);
  const ours = () => {
    const g: Optimizee = { theta0: { x: tf.scalar(0) }, loss: (p) => get(p, 'x').sub(2).square().mul(3) };
    const m = nesterov({ lr, momentum });
    return unroll(m, g, start(m, g), 8).losses.map((loss) => loss.dataSync()[0]!);
  };
  const agrees = (losses: number[]) => ours().forEach((loss, t) => expect(loss).toBeCloseTo(losses[t]!, 4)); // prettier-ignore

  test("Torch7's optim.nag, which moves to the look-ahead point and reports f there", () => {
    let [x, v] = [0, 0];
    const losses = Array.from({ length: 9 }, () => {
      x += momentum * v;
      const [loss, gradient] = [f(x), slope(x)];
      v = momentum * v - lr * gradient;
      x -= lr * gradient;
      return loss;
    });
    agrees(losses);
  });

  test("PyTorch's SGD with nesterov=True, which reports f before its step", () => {
    let [x, buffer] = [0, 0];
    const losses = Array.from({ length: 9 }, () => {
      const [loss, gradient] = [f(x), slope(x)];
      buffer = momentum * buffer + gradient;
      x -= lr * (gradient + momentum * buffer);
      return loss;
    });
    agrees(losses);
  });
});

describe('the LSTM', () => {
  test("has the paper's number of weights", () => {
    expect(size(lstm().init(0))).toBe(5061);
    expect(size(lstm({ preprocess: logSign() }).init(0))).toBe(5141);
  });

  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

  test.each([
    ['raw', raw(), (g: number) => [g]],
    ['logSign', logSign(3), (g: number) => [Math.log(Math.abs(g)) / 3, Math.sign(g)]],
  ])('is the cell of Sonnet, with %s features', (_, preprocess, features) => {
    const hidden = [2, 3];
    const learned = lstm({ hidden, preprocess, scale: 0.3 });
    const phi = mapParams(learned.init(4), (p) => p.add(tf.linspace(-0.2, 0.3, p.size).reshape(p.shape)));
    const weights = Object.fromEntries(
      Object.entries(phi).map(([name, p]) => [name, p.arraySync() as number[][]]),
    );
    const m = learned.at(phi);
    const gradients = [0.7, -1.9, 0.3];

    // The same in float64: gates in the order i, j, f, o; 1 is added to the forget gate.
    const layers = hidden.map((n) => ({ c: Array<number>(n).fill(0), h: Array<number>(n).fill(0) }));
    const expected = gradients.map((g) => {
      let x = features(g);
      layers.forEach((layer, l) => {
        const [kernel, bias] = [weights[`lstm${l}/kernel`]!, weights[`lstm${l}/bias`] as unknown as number[]];
        const n = layer.h.length;
        const input = [...x, ...layer.h];
        const z = bias.map((b, k) => b + input.reduce((sum, v, r) => sum + v * kernel[r]![k]!, 0));
        const [i, j, f, o] = [0, 1, 2, 3].map((gate) => z.slice(gate * n, (gate + 1) * n)) as [number[], number[], number[], number[]]; // prettier-ignore
        layer.c = layer.c.map((c, u) => sigmoid(f[u]! + 1) * c + sigmoid(i[u]!) * Math.tanh(j[u]!));
        layer.h = layer.c.map((c, u) => sigmoid(o[u]!) * Math.tanh(c));
        x = layer.h;
      });
      const linear = weights['linear/kernel']!.reduce((sum, [w], u) => sum + w! * x[u]!, 0);
      return 0.3 * (linear + (weights['linear/bias'] as unknown as number[])[0]!);
    });

    let state = m.init({ x: tf.scalar(0) });
    gradients.forEach((g, t) => {
      const [updates, next] = m.update({ x: tf.scalar(g) }, state);
      expect(get(updates, 'x').dataSync()[0]).toBeCloseTo(expected[t]!, 5);
      state = next;
    });
  });
});
