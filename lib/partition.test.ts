// Two LSTMs and more (§3.3) through the engines, against the plain path.
import * as tf from '@tensorflow/tfjs';
import { afterEach, describe, expect, test } from 'vitest';
import { evaluate } from './evaluate.js';
import { mlp } from './optimizees/index.js';
import { adam, lstm } from './optimizers/index.js';
import { get, leaves, mapParams, ravel, size, tidy } from './params.js';
import { partition, within } from './partition.js';
import { logSign, raw } from './preprocess.js';
import { tiny } from './testing/tiny.js';
import type { LearnedOptimizer, Optimizee, Optimizer, Params } from './types.js';
import * as plain from './unroll.js';
import { start } from './unroll.js';
import * as engine from './engine/index.js';

const before = process.env.L2L_ENGINE;
afterEach(() => {
  if (before === undefined) delete process.env.L2L_ENGINE;
  else process.env.L2L_ENGINE = before;
});

const values = (p: Params) => Array.from(ravel(p).dataSync());
const numbers = (state: tf.TensorContainer) =>
  leaves(state).flatMap(([, x]) => (typeof x === 'number' ? [x] : Array.from(x.dataSync())));
const gap = (a: readonly number[], b: readonly number[]) =>
  Math.hypot(...a.map((x, i) => x - b[i]!)) / Math.hypot(...b);

/** θ of three names, of which the first and the last are of one group. */
const threeNames: Optimizee = {
  theta0: { 'a/kernel': tf.linspace(-1, 1, 70).reshape([7, 10]), b: tf.linspace(0.5, 2, 70), 'a/bias': tf.ones([3]) }, // prettier-ignore
  loss: (p, t) =>
    tf.addN(
      Object.values(p).map((x, i) => x.sub(0.1 * i).square().mul(Math.cos(t) + 2).sum()), // prettier-ignore
    ) as tf.Scalar,
};
const groupOf = (name: string) => name.split('/')[0]!;
const classifier = mlp({ data: tiny as never, batch: 4 })(1); // which the engine knows
const byLayer = (name: string) => (name.startsWith('dense0') ? 'low' : 'high');

const two = (first: LearnedOptimizer | Optimizer, second: LearnedOptimizer) =>
  partition({ a: first, b: second }, groupOf);
const known = lstm({ preprocess: logSign(), scale: 0.03 });
const unknown = lstm({ hidden: [6], scale: 0.03 });
const cases: [string, LearnedOptimizer, Optimizee][] = [
  ['two LSTMs', two(known, lstm({ preprocess: raw(), hidden: [12] })), threeNames],
  ['two alike, with the same number of coordinates', two(known, known), {
    ...threeNames,
    theta0: { 'a/x': tf.linspace(-1, 1, 70), b: tf.linspace(2, 1, 70) },
  }], // prettier-ignore
  ['one that the engine does not know', two(known, unknown), threeNames],
  ['none that the engine knows', two(unknown, unknown), threeNames],
  ['one without φ', two(adam({ lr: 0.1 }), known), threeNames],
  ['a partition inside', two(partition({ kernel: known, bias: known }, (name) => name.slice(2)), known), threeNames], // prettier-ignore
  ['a loss that the engine knows', partition({ low: known, high: known }, byLayer), classifier],
  ['a loss and one part that the engine knows', partition({ low: unknown, high: known }, byLayer), classifier], // prettier-ignore
  ['five groups', partition(Object.fromEntries([0, 1, 2, 3, 4].map((i) => [i, known])), (name) => name), {
    ...threeNames,
    theta0: Object.fromEntries([0, 1, 2, 3, 4].map((i) => [i, tf.linspace(-1, 1 + i, 65)])),
  }], // prettier-ignore
];

describe.each(['native', 'wasm'])('the %s engine', (name) => {
  test.each(cases)('goes the way of the plain path: %s', (_, learned, f) => {
    process.env.L2L_ENGINE = name;
    const phi = mapParams(learned.init(3), (p) => p.mul(1.5).add(0.02));
    const m = learned.at(phi);
    const there = (u: typeof plain.unroll) => {
      const first = u(m, f, start(m, f), 3); // so that the state is not zero
      return { from: first.end, segment: u(m, f, first.end, 5) };
    };
    const [ours, theirs] = [there(engine.unroll), there(plain.unroll)];
    expect(gap(values(ours.segment.end.theta), values(theirs.segment.end.theta))).toBeLessThan(1e-5);
    expect(gap(numbers(ours.segment.end.state), numbers(theirs.segment.end.state))).toBeLessThan(1e-5);
    for (const objective of ['sum', 'last'] as const) {
      const expected = plain.metaGrad(learned, phi, theirs.from, theirs.segment, { objective });
      // From the record alone; then from what the machines still hold.
      const fromRecord = engine.metaGrad(learned, phi, theirs.from, theirs.segment, { objective });
      expect(Object.keys(fromRecord)).toEqual(Object.keys(phi));
      const again = engine.unroll(m, f, ours.from, 5);
      const held = engine.metaGrad(learned, phi, ours.from, again, { objective });
      for (const group of new Set(Object.keys(phi).map(groupOf))) {
        const exact = values(within(expected, group));
        expect(gap(values(within(fromRecord, group)), exact), group).toBeLessThan(1e-5);
        expect(gap(values(within(held, group)), exact), group).toBeLessThan(1e-4);
      }
    }
  });

  test.each(cases)(
    'evaluation does not depend on the unroll length, bit for bit: %s',
    async (_, learned, f) => {
      process.env.L2L_ENGINE = name;
      const phi = learned.init(2);
      const run = (unrollLength: number) =>
        evaluate(learned.at(phi), () => f, { split: 'validation', steps: 20, runs: 1, unrollLength });
      const once = await run(20);
      expect(once[0]!.length).toBe(21);
      expect(await run(5)).toEqual(once);
      expect(await run(1)).toEqual(once);
    },
  );

  test.each(cases)('leaves no tensors but its results: %s', (_, learned, f) => {
    process.env.L2L_ENGINE = name;
    const phi = learned.init(1);
    const m = learned.at(phi);
    const start0 = tf.memory().numTensors;
    tidy(() => {
      const from = start(m, f);
      const begun = tf.memory().numTensors;
      const segment = engine.unroll(m, f, from, 5);
      const results = leaves(segment as never).filter(([, x]) => x instanceof tf.Tensor);
      const inside = new Set(results.map(([, x]) => x));
      expect(tf.memory().numTensors - begun).toBe(inside.size);
      engine.metaGrad(learned, phi, from, segment);
      expect(tf.memory().numTensors - begun - inside.size).toBe(Object.keys(phi).length);
    });
    expect(tf.memory().numTensors).toBe(start0);
  });

  test('an update of one’s own is what runs, whatever the optimizer was that it stands in', () => {
    process.env.L2L_ENGINE = name;
    const halved = (m: Optimizer): Optimizer => ({
      ...m,
      update(grads, state) {
        const [updates, next] = m.update(grads, state);
        return [mapParams(updates, (u) => u.mul(0.5)), next];
      },
    });
    for (const learned of [known, two(known, known)]) {
      const own: LearnedOptimizer = { ...learned, at: (phi) => halved(learned.at(phi)) };
      const phi = own.init(1);
      const m = own.at(phi);
      const from = start(m, threeNames);
      const expected = plain.unroll(m, threeNames, from, 3);
      expect(values(engine.unroll(m, threeNames, from, 3).end.theta)).toEqual(values(expected.end.theta));
      expect(values(engine.metaGrad(own, phi, from, expected))).toEqual(
        values(plain.metaGrad(own, phi, from, expected)),
      );
    }
  });
});

test('each part draws its own φ, and the seed draws all', () => {
  const learned = two(known, known);
  const phi = learned.init(1);
  expect(Object.keys(phi).slice(0, 2)).toEqual(['a/lstm0/kernel', 'a/lstm0/bias']);
  expect(size(phi)).toBe(2 * size(known.init(1)));
  const [a, b] = ['a', 'b'].map((group) => Array.from(get(phi, `${group}/lstm0/kernel`).dataSync()));
  expect(a).not.toEqual(b);
  expect(values(learned.init(1))).toEqual(values(phi));
  expect(values(learned.init(2))).not.toEqual(values(phi));
});

test('parameters without a group, groups without parameters, and slashes are refused', () => {
  const m = partition({ a: adam(), c: adam() }, groupOf);
  expect(() => m.init({ b: tf.scalar(1) })).toThrow("parameter 'b' is of group 'b'; there are: a, c");
  expect(() => m.init({ a: tf.scalar(1) })).toThrow("group 'c' has no parameter; there are: a");
  expect(() => partition({ 'a/b': adam() }, groupOf)).toThrow(
    "the name of a group must have no slash, got 'a/b'",
  );
});
