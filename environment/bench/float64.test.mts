import * as tf from '@tensorflow/tfjs';
import { afterEach, describe, expect, test } from 'vitest';
import { reference, relativeError } from './float64.mjs';
import * as optimizers from '../../lib/optimizers/index.js';
import { lstm } from '../../lib/optimizers/index.js';
import { mapParams, ravel } from '../../lib/params.js';
import { logSign, raw } from '../../lib/preprocess.js';
import type { LearnedOptimizer, Params } from '../../lib/types.js';
import * as plain from '../../lib/unroll.js';
import { start } from '../../lib/unroll.js';
import * as engine from '../../lib/engine/index.js';
import { packed } from '../../lib/engine/layout.js';

const before = process.env.L2L_ENGINE;
afterEach(() => {
  if (before === undefined) delete process.env.L2L_ENGINE;
  else process.env.L2L_ENGINE = before;
});

/** Recorded gradients of all magnitudes, and a segment made of them. */
function recorded(learned: LearnedOptimizer, phi: Params, n: number, steps: number) {
  const grads = Array.from({ length: steps + 1 }, (_, t) => ({
    theta: tf.tensor1d(Float32Array.from({ length: n }, (_, i) => Math.sin(7 * i + 3 * t) * 10 ** (((5 * i + t) % 8) - 7))), // prettier-ignore
  }));
  const from = start(learned.at(phi), { theta0: { theta: tf.zeros([n]) }, loss: () => tf.scalar(0) });
  return { from, segment: { grads, losses: [], end: from, count: 1 } };
}

const values = (p: Params) => ravel(p).dataSync() as Float32Array;

describe.each(['native', 'native:avx2', 'wasm', 'wasm:simd', 'wasm:single'])('the %s engine', (name) => {
  const known = () => {
    process.env.L2L_ENGINE = name;
    try {
      return engine.kernelName();
    } catch {
      return undefined; // not on this processor
    }
  };

  test.for([
    [10, logSign(10)],
    [0, raw()],
  ] as const)('has the gradient of double precision for all parameters, p = %d', ([p, preprocess], ctx) => {
    if (!known()) {
      ctx.skip(`no ${name} here`);
      return;
    }
    const learned = lstm({ preprocess });
    const phi = mapParams(learned.init(3), (x) => x.mul(1.5).add(0.02));
    const { from, segment } = recorded(learned, phi, 150, 20);
    const ours = engine.metaGrad(learned, phi, from, segment);
    const kernel = packed(learned.spec!, phi);
    // The kernel's order has a row for a second feature always.
    const order = p ? kernel : Float32Array.from([...kernel.subarray(0, 80), ...kernel.subarray(160)]);
    const exact = reference({
      phi: order,
      gradients: segment.grads.slice(0, -1).map(values),
      ahead: plain.gradientsAhead(segment.grads).map((ahead) => ahead.dataSync()),
      hidden: 20,
      p,
      scale: 0.1,
    });
    const names = [
      'lstm0/kernel',
      'lstm1/kernel',
      'lstm0/bias',
      'lstm1/bias',
      'linear/kernel',
      'linear/bias',
    ];
    const found = names.flatMap((part) => [...ours[part]!.dataSync()]);
    expect(relativeError(found, exact)).toBeLessThan(1e-5);
  });
});

const learnedOptimizers = Object.entries(optimizers).flatMap(([name, make]) => {
  const made = typeof make === 'function' ? make() : {};
  return 'at' in made ? [[name, made as LearnedOptimizer] as const] : [];
});

describe.each(['native', 'wasm'])('%s = plain path', (name) => {
  describe.each(learnedOptimizers)('for %s', (_, learned) => {
    test.each([1, 63, 64, 65, 1000].flatMap((n) => [1, 2, 20].map((steps) => [n, steps] as const)))(
      '%d coordinates, %d steps',
      (n, steps) => {
        process.env.L2L_ENGINE = name;
        const phi = mapParams(learned.init(3), (x) => x.mul(1.5).add(0.02));
        const { from, segment } = recorded(learned, phi, n, steps);
        const ours = values(engine.metaGrad(learned, phi, from, segment));
        const theirs = values(plain.metaGrad(learned, phi, from, segment));
        expect(relativeError(ours, theirs)).toBeLessThan(1e-5);
      },
    );
  });
});
