import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Dataset } from '../datasets/dataset.js';
import { convnet } from '../optimizees/index.js';
import { ravel, tidy, valueAndGrad } from '../params.js';
import { random } from '../random.js';
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

/** Smooth pictures with noise. */
function pictures(side: number, channels: number, classes: number): Dataset {
  const n = 60;
  const { integers } = random('pictures', side);
  const noise = integers(n * side * side * channels, 0, 100);
  return {
    name: 'pictures',
    shape: [side, side, channels],
    images: Uint8Array.from(noise, (x, i) => x + 70 + 70 * Math.sin(i / (7 + (i % 3)))),
    labels: Uint8Array.from({ length: n }, (_, i) => i % classes),
    classes,
    splits: { train: [0, 40], validation: [40, 50], test: [50, 60] },
    hash: 'made up',
  };
}

const gap = (a: readonly number[], b: readonly number[]) =>
  Math.hypot(...a.map((x, i) => x - b[i]!)) / Math.hypot(...b);

/** Loss and gradient of twice f; of a bias in front of a batch norm only that it is nearly 0, as it is in exact numbers. */
function at(f: Optimizee, theta: Params, t: number) {
  return tidy(() => {
    const { value, grads } = valueAndGrad((x) => f.loss(x, t).mul(2), theta);
    const silent = (name: string) => name.endsWith('/bias') && name.replace('bias', 'offset') in theta;
    const counted = Object.fromEntries(Object.entries(grads).filter(([name]) => !silent(name)));
    return { value: value.dataSync()[0]!, gradient: Array.from(ravel(counted).dataSync()), grads };
  });
}

type Options = Omit<Parameters<typeof convnet>[0], 'data'>;
const network = (side: number, channels: number, classes: number, options: Options) =>
  convnet({ data: pictures(side, channels, classes), stddev: 0.3, ...options })(3);

/** Every kernel that runs here. */
const kernels = [
  ...nativeKernels().map((isa) => `native:${isa}`),
  ...['relaxed', 'simd', 'single'].filter((build) => loadWasm(build)).map((build) => `wasm:${build}`),
];

function expectSame(f: Optimizee, theta: Params, t: number) {
  const theirs = at(f, theta, t);
  for (const kernel of kernels) {
    process.env.L2L_ENGINE = kernel;
    const fast = fusedOptimizee(f);
    expect(fast).not.toBe(f);
    const ours = at(fast, theta, t);
    expect(Math.abs(ours.value / theirs.value - 1), kernel).toBeLessThan(1e-5);
    expect(gap(ours.gradient, theirs.gradient), kernel).toBeLessThan(1e-5);
  }
}

describe('every kernel has the loss and gradient of TensorFlow.js:', () => {
  test.each<[number, number, number, Options]>([
    [32, 3, 10, { filters: [16, 8, 4], hidden: [], batch: 2 }],
    [32, 3, 5, { filters: [4], hidden: [8], batch: 3 }],
    [8, 3, 10, { filters: [16, 16, 16], hidden: [32], batch: 33 }],
    [8, 3, 2, { filters: [4, 8], hidden: [12], batch: 128 }],
    [8, 1, 5, { filters: [12], hidden: [], batch: 20 }],
    [8, 2, 3, { filters: [3, 5, 20], hidden: [7, 9], batch: 17 }],
    [14, 1, 10, { filters: [5, 24], hidden: [40], batch: 9, kernel: 3 }],
    [9, 4, 2, { filters: [8, 6], hidden: [], batch: 1 }],
    [16, 3, 10, { filters: [4, 4, 4, 4], hidden: [16], batch: 15, epsilon: 0.1 }],
    [
      16,
      3,
      10,
      {
        filters: [4, 4, 20, 8, 6, 12],
        pool: [false, true, false, true, false, false],
        average: true,
        hidden: [],
        batch: 18,
        kernel: 3,
      },
    ],
    [9, 2, 3, { filters: [5, 3, 4], pool: [true, false, false], hidden: [7], batch: 5, kernel: 3 }],
    [11, 1, 4, { filters: [6, 17], average: true, hidden: [9], batch: 7 }],
    [5, 1, 2, { filters: [3], pool: [false], hidden: [], batch: 4 }],
    [
      8,
      3,
      2,
      {
        filters: [4, 4, 4, 4, 4, 4, 4, 4],
        pool: [false, false, false, false, false, false, true, false],
        hidden: [],
        batch: 6,
        kernel: 3,
      },
    ],
  ])(
    '%i × %i pixels of %i classes, %o',
    (side, channels, classes, options) => {
      const f = network(side, channels, classes, options);
      expectSame(f, f.theta0, 7);
    },
    60_000,
  );

  test('a channel that does not vary, and one that is dead', () => {
    const f = network(8, 2, 3, { filters: [4, 8], hidden: [8], batch: 10 });
    const flat = (name: string, offset: number) => {
      const first = tf.oneHot(0, f.theta0[`${name}/bias`]!.size).toFloat();
      const kernel = f.theta0[`${name}/kernel`]!.mul(first.mul(-1).add(1));
      return { [`${name}/kernel`]: kernel, [`${name}/offset`]: first.mul(offset) };
    };
    for (const [l, offset] of [
      [0, 0.3],
      [1, 0.3],
      [0, -0.3],
      [1, -0.3],
    ] as const) {
      // prettier-ignore
      expectSame(f, { ...f.theta0, ...flat(`conv${l}`, offset), ...flat('dense0', offset) }, 0);
    }
  });
});

describe.each(['native', 'wasm'])('the %s network', (engine) => {
  const f = network(8, 3, 10, { filters: [8, 8], hidden: [8], batch: 37 });

  test('has the same bits for any number of threads', () => {
    process.env.L2L_ENGINE = engine;
    const results = ['1', '2', '3', '7'].map((threads) => {
      process.env.L2L_THREADS = threads;
      return at(fusedOptimizee(f), f.theta0, 1);
    });
    for (const { value, gradient } of results) {
      expect(value).toBe(results[0]!.value);
      expect(gradient).toEqual(results[0]!.gradient);
    }
  });

  test('has no gradient for a bias in front of a batch norm, exactly', () => {
    process.env.L2L_ENGINE = engine;
    const { grads } = at(fusedOptimizee(f), f.theta0, 1);
    for (const name of ['conv0/bias', 'conv1/bias', 'dense0/bias']) {
      expect(Array.from(grads[name]!.dataSync())).toEqual(Array(8).fill(0));
    }
    tf.dispose(grads);
  });

  test('passes NaN on, and a hundred nats without overflow', () => {
    process.env.L2L_ENGINE = engine;
    const loss = (name: string, scale: number) => {
      const theta = { ...f.theta0, [name]: f.theta0[name]!.mul(scale) };
      return [fusedOptimizee(f), f].map((g) => g.loss(theta, 0).dataSync()[0]!);
    };
    for (const name of Object.keys(f.theta0)) expect(loss(name, NaN)).toEqual([NaN, NaN]);
    const [ours, theirs] = loss('dense1/kernel', 1000);
    expect(theirs).toBeGreaterThan(100);
    expect(Math.abs(ours! / theirs! - 1)).toBeLessThan(1e-5);
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
    const losses = () =>
      [2, 3, 4, 5, 6, 7].map((batch) => {
        const small = network(8, 1, 2, { filters: [4], hidden: [], batch });
        return fusedOptimizee(small).loss(small.theta0, 0).dataSync()[0];
      });
    expect(losses()).toEqual(losses());
  });
});

test('a network that the kernel does not know stays as it is, and every one with L2L_ENGINE=plain', () => {
  process.env.L2L_ENGINE = 'wasm';
  const other = (options: Options) => network(32, 1, 2, { batch: 2, ...options });
  for (const f of [
    other({ kernel: 7 }),
    other({ filters: Array<number>(9).fill(4), pool: Array<boolean>(9).fill(false) }),
  ])
    expect(fusedOptimizee(f)).toBe(f);
  process.env.L2L_ENGINE = 'plain';
  const known = other({});
  expect(fusedOptimizee(known)).toBe(known);
});
