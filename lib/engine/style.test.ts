import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { FeatureNetwork } from '../features/network.js';
import { style } from '../optimizees/index.js';
import { get, tidy, valueAndGrad } from '../params.js';
import { random } from '../random.js';
import { randomFeatures } from '../testing/randomFeatures.js';
import type { Optimizee, Params } from '../types.js';
import { nativeKernels } from './native.js';
import { fusedOptimizee } from './optimizee.js';
import { loadWasm } from './wasm.js';

const before = { engine: process.env.L2L_ENGINE, threads: process.env.L2L_THREADS };
const restore = (name: string, value: string | undefined) => {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
};
afterEach(() => {
  restore('L2L_ENGINE', before.engine);
  restore('L2L_THREADS', before.threads);
});
beforeAll(() => tf.setBackend('cpu'));

const gap = (a: readonly number[], b: readonly number[]) =>
  Math.hypot(...a.map((x, i) => x - b[i]!)) / Math.hypot(...b);

/** Loss and gradient of twice f. */
function at(f: Optimizee, theta: Params) {
  return tidy(() => {
    const { value, grads } = valueAndGrad((x) => f.loss(x, 0).mul(2), theta);
    return { value: value.dataSync()[0]!, gradient: Array.from(get(grads, 'image').dataSync()) };
  });
}

const picture = (seed: number, height: number, width: number) =>
  random('picture', seed).uniform<tf.Rank.R3>([height, width, 3]);
type Options = Partial<Parameters<typeof style>[0]>;
const family = (network: FeatureNetwork, height: number, width: number, options: Options = {}) =>
  style({ network, contents: (seed) => picture(seed, height, width), style: picture(-1, 13, 17), begin: 'noise', ...options }); // prettier-ignore

/** Every kernel that runs here. */
const kernels = [
  ...nativeKernels().map((isa) => `native:${isa}`),
  ...['relaxed', 'simd', 'single'].filter((build) => loadWasm(build)).map((build) => `wasm:${build}`),
];

function expectSame(f: Optimizee, theta: Params = f.theta0) {
  const theirs = at(f, theta);
  for (const kernel of kernels) {
    process.env.L2L_ENGINE = kernel;
    const fast = fusedOptimizee(f);
    expect(fast).not.toBe(f);
    const ours = at(fast, theta);
    expect(Math.abs(ours.value / theirs.value - 1), kernel).toBeLessThan(1e-5);
    expect(gap(ours.gradient, theirs.gradient), kernel).toBeLessThan(1e-5);
  }
}

describe('every kernel has the loss and gradient of TensorFlow.js:', () => {
  test.each<[string, number, number, number[][], Partial<FeatureNetwork>, Options]>([
    ['small layers', 8, 8, [[4, 5], [6]], {}, {}],
    ['one layer', 6, 9, [[4]], {}, {}],
    ['odd pictures', 15, 11, [[8], [16, 3], [20]], {}, {}],
    ['wide layers', 16, 16, [[16, 16], [32, 32], [64, 64, 64]], {}, {}],
    ['a picture of many pixels', 40, 36, [[8, 8], [12]], {}, {}],
    ['few rows', 3, 40, [[17], [33]], { input: { scale: 255, mean: [1, 2, 3], order: 'rgb' } }, {}],
    ['one row left', 4, 5, [[6], [7], [9]], {}, {}],
    ['style before and content behind a halving', 12, 12, [[5, 9], [9, 4]], { style: ['conv1_2', 'conv2_2'], content: 'conv2_1' }, {}], // prettier-ignore
    ['content before a halving, no style', 12, 10, [[5, 9], [9]], { style: [], content: 'conv1_2' }, {}],
    ['style alone', 10, 10, [[5], [9]], {}, { alpha: 0, gamma: 0 }],
    ['content alone', 10, 10, [[5], [9]], {}, { beta: 0, gamma: 0 }],
    ['variation alone', 10, 7, [[5], [9]], {}, { alpha: 0, beta: 0 }],
    ['from the content picture', 12, 12, [[8, 8], [16]], {}, { begin: 'content' }],
  ])('%s, %i × %i pixels, %j', (_, height, width, blocks, change, options) => {
    expectSame(family(randomFeatures(2, blocks, change), height, width, options)(3));
  }, 60_000); // prettier-ignore

  test('the layers of VGG-19 to conv3_2', () => {
    const blocks = [[64, 64], [128, 128], [256, 256]]; // prettier-ignore
    expectSame(family(randomFeatures(2, blocks), 24, 20)(3));
  }, 60_000);

  // Far from ReLU's edge: with as many activations as these one may be on the other side of it by rounding alone.
  test.each([
    [64, 64, [48, 50]],
    [36, 90, [52, 52]],
    [40, 12, [140, 140, 40]],
  ])('large layers, which go by tiles: %i × %i pixels, %j', (height, width, block) => {
    const { layers } = randomFeatures(2, [block]);
    const active = layers.flatMap((layer) =>
      'kernel' in layer ? [{ ...layer, kernel: layer.kernel.mul<tf.Tensor4D>(0.1), bias: layer.bias.add<tf.Tensor1D>(3) }] : [],
    ); // prettier-ignore
    expectSame(family(randomFeatures(2, [block], { layers: active }), height, width)(3));
  }, 60_000); // prettier-ignore

  test('one f after another on the same network', () => {
    const network = randomFeatures(2, [[6, 6], [9]]); // prettier-ignore
    const draw = family(network, 10, 12);
    const other = family(network, 10, 12, { alpha: 3, style: picture(-2, 9, 9) });
    for (const f of [draw(1), draw(2), other(1), draw(1)]) expectSame(f);
    expectSame(family(randomFeatures(3, [[6, 6], [9]]), 10, 12)(1)); // prettier-ignore
  });
});

describe.each(['native', 'wasm'])('the %s kernel of neural art', (engine) => {
  const f = family(randomFeatures(4, [[20, 8], [40], [24]]), 30, 22)(0); // prettier-ignore

  const large = family(randomFeatures(4, [[48, 48], [64]]), 64, 64)(0);

  test.each([f, large])('has the same bits for any number of threads', (f) => {
    process.env.L2L_ENGINE = engine;
    const results = ['1', '2', '3', '7'].map((threads) => {
      process.env.L2L_THREADS = threads;
      return at(fusedOptimizee(f), f.theta0);
    });
    for (const { value, gradient } of results) {
      expect(value).toBe(results[0]!.value);
      expect(gradient).toEqual(results[0]!.gradient);
    }
  });

  test('passes NaN on', () => {
    process.env.L2L_ENGINE = engine;
    const image = get(f.theta0, 'image').mul(NaN);
    expect(fusedOptimizee(f).loss({ image }, 0).dataSync()[0]).toBeNaN();
    expect(fusedOptimizee(f).loss(f.theta0, 0).dataSync()[0]).not.toBeNaN();
  });

  test('leaves no tensors but its results', () => {
    process.env.L2L_ENGINE = engine;
    const fast = fusedOptimizee(f);
    const count = tf.memory().numTensors;
    tidy(() => valueAndGrad((x) => fast.loss(x, 0), f.theta0) && undefined);
    expect(tf.memory().numTensors).toBe(count);
  });

  test('keeps a few networks and closes the others', () => {
    process.env.L2L_ENGINE = engine;
    const network = randomFeatures(5, [[4]]);
    const losses = () =>
      [4, 5, 6, 7, 8, 9].map((side) => {
        const small = family(network, side, side)(0);
        return fusedOptimizee(small).loss(small.theta0, 0).dataSync()[0];
      });
    expect(losses()).toEqual(losses());
  });
});

test('what the kernel does not know stays as it is, and everything with L2L_ENGINE=plain', () => {
  const blocks = [[4], [5]]; // prettier-ignore
  const drawn = (change: Partial<FeatureNetwork> = {}) => family(randomFeatures(2, blocks, change), 8, 8)(0);
  const { layers } = randomFeatures(2, blocks);
  const most = layers.map((layer) => ('pool' in layer ? { ...layer, pool: 'max' as const } : layer));
  process.env.L2L_ENGINE = 'wasm';
  for (const change of [
    { layers: most },
    { content: 'pool1' },
    { style: ['conv1_1', 'conv1_1'] },
    { style: ['conv2_1', 'conv1_1'] },
  ]) {
    // prettier-ignore
    const f = drawn(change);
    expect(fusedOptimizee(f)).toBe(f);
  }
  process.env.L2L_ENGINE = 'plain';
  const f = drawn();
  expect(fusedOptimizee(f)).toBe(f);
});
