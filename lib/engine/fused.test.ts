import * as tf from '@tensorflow/tfjs';
import { afterEach, describe, expect, test } from 'vitest';
import { quadratic } from '../optimizees/index.js';
import { lstm } from '../optimizers/index.js';
import { mapParams, ravel, tidy } from '../params.js';
import { logSign, raw, rescale } from '../preprocess.js';
import type { LearnedOptimizer, Optimizee, Params } from '../types.js';
import * as plain from '../unroll.js';
import { start } from '../unroll.js';
import * as engine from './index.js';
import { findMaker } from './choose.js';
import type { Maker, Plan } from './machine.js';
import { loadNative } from './native.js';
import { loadWasm } from './wasm.js';

const before = process.env.L2L_ENGINE;
afterEach(() => {
  if (before === undefined) delete process.env.L2L_ENGINE;
  else process.env.L2L_ENGINE = before;
});

/** φ far from its start, so that every gate matters. */
const weights = (learned: LearnedOptimizer) => mapParams(learned.init(3), (p) => p.mul(1.5).add(0.02));
const values = (p: Params) => Array.from(ravel(p).dataSync());
const gap = (a: readonly number[], b: readonly number[]) =>
  Math.hypot(...a.map((x, i) => x - b[i]!)) / Math.hypot(...b);

describe.each(['native', 'wasm'])('the %s engine', (name) => {
  const preprocessings = {
    raw: raw(),
    'times 30': rescale(30),
    'log-sign 10': logSign(10),
    'log-sign 4': logSign(4),
  };
  test.each([
    ['raw', [20, 20], 1, 5],
    ['raw', [20, 20], 65, 20],
    ['log-sign 10', [20, 20], 63, 20],
    ['log-sign 10', [20, 20], 1000, 2],
    ['log-sign 4', [20, 20], 64, 1],
    ['times 30', [20, 20], 65, 5],
    ['raw', [4, 4], 65, 5],
    ['log-sign 10', [12], 70, 5],
    ['log-sign 10', [16, 16], 70, 5],
    ['raw', [40], 65, 5],
    ['log-sign 10', [32, 32], 130, 5],
  ] as const)(
    'goes the way of the plain path: %s, %j units, %d coordinates, %d steps',
    (features, hidden, n, steps) => {
      process.env.L2L_ENGINE = name;
      const learned = lstm({ hidden, preprocess: preprocessings[features], scale: 0.03 });
      const phi = weights(learned);
      const f = quadratic({ dim: 1, batch: n })(5);
      const m = learned.at(phi);
      const there = (u: typeof plain.unroll) => {
        const first = u(m, f, start(m, f), 3); // so that the state is not zero
        const segment = u(m, f, first.end, steps);
        return { from: first.end, segment };
      };
      const [ours, theirs] = [there(engine.unroll), there(plain.unroll)];
      expect(findMaker()?.name).toBe(name);
      expect(gap(values(ours.segment.end.theta), values(theirs.segment.end.theta))).toBeLessThan(1e-5);
      ours.segment.end.state.forEach(({ c, h }: { c: tf.Tensor; h: tf.Tensor }, l: number) => {
        const expected = theirs.segment.end.state[l]!;
        expect(gap(values({ c, h }), values({ c: expected.c, h: expected.h }))).toBeLessThan(1e-5);
      });
      const expected = values(plain.metaGrad(learned, phi, theirs.from, theirs.segment));
      // Once from what the machine still holds, once from the record alone.
      expect(gap(values(engine.metaGrad(learned, phi, ours.from, ours.segment)), expected)).toBeLessThan(
        1e-4,
      );
      expect(gap(values(engine.metaGrad(learned, phi, theirs.from, theirs.segment)), expected)).toBeLessThan(
        1e-5,
      );
    },
  );

  test('is deterministic, and 5 + 5 steps are 10, bit for bit', () => {
    process.env.L2L_ENGINE = name;
    const learned = lstm();
    const m = learned.at(weights(learned));
    const f = quadratic({ dim: 10, batch: 70 })(1);
    const once = () => engine.unroll(m, f, start(m, f), 10);
    const twice = engine.unroll(m, f, engine.unroll(m, f, start(m, f), 5).end, 5);
    expect(values(once().end.theta)).toEqual(values(once().end.theta));
    expect(values(twice.end.theta)).toEqual(values(once().end.theta));
  });

  test('passes NaN on, and forgets it afterwards', () => {
    process.env.L2L_ENGINE = name;
    const learned = lstm({ preprocess: logSign() });
    const phi = weights(learned);
    const f = quadratic({ dim: 3 })(1);
    const walk = (p: Params) => {
      const m = learned.at(p);
      const segment = engine.unroll(m, f, start(m, f), 4);
      return { segment, grads: values(engine.metaGrad(learned, p, start(m, f), segment)) };
    };
    const fine = walk(phi);
    const broken = walk(mapParams(phi, (p) => p.mul(NaN)));
    expect(values(broken.segment.end.theta).every(Number.isNaN)).toBe(true);
    expect(broken.grads.every(Number.isNaN)).toBe(true);
    expect(walk(phi).grads).toEqual(fine.grads);
  });
});

test('other networks, sampled meta-gradients and L2L_ENGINE=plain take the plain path, to the same bits', () => {
  const known = quadratic({ dim: 4 })(2);
  const f: Optimizee = { ...known, loss: (theta, t) => known.loss(theta, t) }; // which the engine does not know
  const same = (learned: LearnedOptimizer, options: plain.MetaGradOptions) => {
    const phi = weights(learned);
    const m = learned.at(phi);
    const from = start(m, f);
    const segment = plain.unroll(m, f, from, 4);
    const ours = engine.metaGrad(learned, phi, from, segment, options);
    expect(values(ours)).toEqual(values(plain.metaGrad(learned, phi, from, segment, options)));
    return values(engine.unroll(m, f, from, 4).end.theta).join() === values(segment.end.theta).join();
  };
  same(lstm(), { share: 0.5, seed: 1 });
  expect(same(lstm({ hidden: [6] }), { share: 1, seed: 0 })).toBe(true);
  process.env.L2L_ENGINE = 'plain';
  expect(same(lstm(), { share: 1, seed: 0 })).toBe(true);
});

test('an unknown engine lists the known ones', () => {
  process.env.L2L_ENGINE = 'cuda';
  expect(() => findMaker()).toThrow("unknown L2L_ENGINE 'cuda'; there are: native, wasm, plain");
});

test('an engine leaves no tensors but its results', () => {
  const learned = lstm();
  const phi = learned.init(1);
  const count = () => tf.memory().numTensors;
  const start0 = count();
  tidy(() => {
    const f = quadratic({ dim: 4, batch: 3 })(7);
    const m = learned.at(phi);
    const segment = engine.unroll(m, f, start(m, f), 5);
    engine.metaGrad(learned, phi, start(m, f), segment);
  });
  expect(count()).toBe(start0);
});

describe('every kernel', () => {
  const n = 1000;
  const plan = (threads: number, store: boolean): Plan => ({
    coordinates: n,
    steps: 4,
    threads,
    units: 20,
    layers: 2,
    store,
    scale: 0.1,
    p: 10,
  });

  /** One forward and backward pass over made-up numbers. */
  function pass(maker: Maker, threads: number, store: boolean) {
    const m = maker.make(plan(threads, store));
    m.parameters.forEach((_, i) => (m.parameters[i] = 0.3 * Math.sin(i)));
    m.run('pack', 0);
    for (let t = 0; t < 4; t++) {
      for (let i = 0; i < n; i++) m.gradients[t * m.padded + i] = Math.sin(i + t) * 10 ** ((i % 13) - 9);
      m.run('forward', t);
      for (let i = 0; i < n; i++) m.cotangents[t * m.padded + i] = Math.cos(3 * i + t);
    }
    m.run('backward', 0);
    m.run('reduce', 0);
    const result = { updates: Array.from(m.updates), gradient: Array.from(m.parameterGradients) };
    m.close();
    return result;
  }
  const kernels: [string, () => Maker | undefined][] = [
    ['avx512', () => loadNative(true, 'avx512')],
    ['avx2', () => loadNative(true, 'avx2')],
    ['neon', () => loadNative(true, 'neon')],
    ['wasm relaxed', () => loadWasm('relaxed')],
    ['wasm simd', () => loadWasm('simd')],
  ];

  test.for(kernels)(
    '%s: same bits for 1, 2, 3 threads; stored or computed again alike',
    ([name, load], ctx) => {
      const maker = load();
      if (!maker) {
        ctx.skip(`this processor has no ${name}`);
        return;
      }
      const one = pass(maker, 1, false);
      expect(pass(maker, 2, false)).toEqual(one);
      expect(pass(maker, 3, false)).toEqual(one);
      const stored = pass(maker, 2, true);
      expect(stored.updates).toEqual(one.updates);
      expect(gap(stored.gradient, one.gradient)).toBeLessThan(1e-6);
      const reference = pass(loadWasm('simd')!, 1, false);
      expect(gap(one.updates, reference.updates)).toBeLessThan(2e-6);
      expect(gap(one.gradient, reference.gradient)).toBeLessThan(1e-5);
    },
  );
});
