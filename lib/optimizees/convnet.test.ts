import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { Dataset } from '../datasets/dataset.js';
import { get, mapParams, size, valueAndGrad } from '../params.js';
import { random } from '../random.js';
import { directionalError } from '../testing/gradcheck.js';
import type { ConvSpec } from '../types.js';
import { convnet } from './convnet.js';

/** Noise in the shape of CIFAR's pictures, or smaller. */
function noise(side: number, channels: number, classes = 10): Dataset {
  const n = 30;
  return {
    name: 'noise',
    shape: [side, side, channels],
    images: Uint8Array.from(random('pictures').integers(n * side * side * channels, 0, 256)),
    labels: Uint8Array.from({ length: n }, (_, i) => i % classes),
    classes,
    splits: { train: [0, 10], validation: [10, 20], test: [20, 30] },
    hash: 'made up',
  };
}
const small = { filters: [3, 4], hidden: [5], batch: 6 };

describe('the network of §3.3', () => {
  test('has the parameters of the authors’ code, 22,682 of them', () => {
    const { theta0 } = convnet({ data: noise(32, 3) })(0);
    expect(Object.entries(theta0).map(([name, x]) => `${name} ${x.shape}`)).toEqual([
      ...['conv0/kernel 5,5,3,16', 'conv0/bias 16', 'conv0/offset 16'],
      ...['conv1/kernel 5,5,16,16', 'conv1/bias 16', 'conv1/offset 16'],
      ...['conv2/kernel 5,5,16,16', 'conv2/bias 16', 'conv2/offset 16'],
      ...[
        'dense0/kernel 256,32',
        'dense0/bias 32',
        'dense0/offset 32',
        'dense1/kernel 32,10',
        'dense1/bias 10',
      ],
    ]);
    expect(size(theta0)).toBe(22_682);
  });

  test('is as wide as the data have labels', () => {
    const { theta0 } = convnet({ data: noise(8, 1, 2) })(0);
    expect(get(theta0, 'dense1/kernel').shape).toEqual([32, 2]);
  });

  test('says to an engine what it is', () => {
    const f = convnet({ data: noise(32, 3), batch: 4 })(0, 'validation');
    const { examples, ...spec } = f.loss.spec as ConvSpec;
    expect(spec).toEqual({
      ...{ side: 32, channels: 3, filters: [16, 16, 16], kernel: 5 },
      ...{ dense: [32, 10], epsilon: 1e-3, batch: 4 },
    });
    expect(examples(0).pixels.length).toBe(4 * 32 * 32 * 3);
  });

  test('starts near log 10', () => {
    const f = convnet({ data: noise(8, 3), batch: 10 })(0);
    expect(f.loss(f.theta0, 0).dataSync()[0]).toBeCloseTo(Math.log(10), 1);
  });
});

test('the gradient is the numerical gradient: a small step meets no kink of ReLU or max-pooling for most functions', () => {
  const errors = Array.from({ length: 9 }, (_, seed) => {
    const f = convnet({ data: noise(8, 3), ...small })(seed);
    const at = mapParams(f.theta0, (p) => p.mul(30)); // away from the flat start
    return directionalError((p) => f.loss(p, 0), at, undefined, 3e-4);
  });
  expect(errors.sort((a, b) => a - b)[4]).toBeLessThan(5e-3);
});

test('the loss is that of the layers written out number by number', () => {
  const [side, channels, epsilon] = [6, 2, 0.5];
  const options = { ...small, kernel: 3, filters: [3], epsilon };
  const f = convnet({ data: noise(side, channels), ...options })(1);
  const theta = mapParams(f.theta0, (p) => p.mul(30));
  const at = (name: string) => Array.from(theta[name]!.dataSync());
  const { pixels, labels } = (f.loss.spec as ConvSpec).examples(2);
  const [batch, n] = [options.batch, options.filters[0]!];

  const [kernel, bias] = [at('conv0/kernel'), at('conv0/bias')];
  const pixel = (b: number, i: number, j: number, c: number) =>
    i < 0 || j < 0 || i >= side || j >= side ? 0 : pixels[((b * side + i) * side + j) * channels + c]! / 255;
  const maps: number[] = [];
  for (let b = 0; b < batch; b++)
    for (let i = 0; i < side; i++)
      for (let j = 0; j < side; j++)
        for (let k = 0; k < n; k++) {
          let sum = bias[k]!;
          for (let y = 0; y < 3; y++)
            for (let x = 0; x < 3; x++)
              for (let c = 0; c < channels; c++)
                sum += pixel(b, i + y - 1, j + x - 1, c) * kernel[((y * 3 + x) * channels + c) * n + k]!;
          maps.push(sum);
        }
  const rectified = (values: number[], offset: number[]) => {
    const width = offset.length;
    const column = (k: number) => values.filter((_, i) => i % width === k);
    const mean = (xs: number[]) => xs.reduce((a, b) => a + b, 0) / xs.length;
    const moments = offset.map((_, k) => {
      const mu = mean(column(k));
      return [mu, mean(column(k).map((x) => (x - mu) ** 2))] as const;
    });
    return values.map((x, i) => {
      const [mu, variance] = moments[i % width]!;
      return Math.max(0, (x - mu) / Math.sqrt(variance + epsilon) + offset[i % width]!);
    });
  };
  const bright = rectified(maps, at('conv0/offset'));
  const half = side / 2;
  const pooled = Array.from({ length: batch * half * half * n }, (_, i) => {
    const [k, j, y, b] = [i % n, Math.floor(i / n) % half, Math.floor(i / n / half) % half, Math.floor(i / n / half / half)]; // prettier-ignore
    const from = (dy: number, dx: number) => bright[((b * side + 2 * y + dy) * side + 2 * j + dx) * n + k]!;
    return Math.max(from(0, 0), from(0, 1), from(1, 0), from(1, 1));
  });
  const dense = (x: number[], layer: string) => {
    const [w, b] = [at(`${layer}/kernel`), at(`${layer}/bias`)];
    const inputs = w.length / b.length;
    return Array.from({ length: batch * b.length }, (_, i) => {
      const [row, k] = [Math.floor(i / b.length), i % b.length];
      return b[k]! + Array.from({ length: inputs }, (_, c) => x[row * inputs + c]! * w[c * b.length + k]!).reduce((a, c) => a + c); // prettier-ignore
    });
  };
  const logits = dense(rectified(dense(pooled, 'dense0'), at('dense0/offset')), 'dense1');
  const crossEntropy = Array.from(labels, (label, b) => {
    const row = logits.slice(10 * b, 10 * b + 10);
    return Math.log(row.reduce((sum, z) => sum + Math.exp(z), 0)) - row[label]!;
  });
  const expected = crossEntropy.reduce((a, b) => a + b) / batch;
  expect(f.loss(theta, 2).dataSync()[0]).toBeCloseTo(expected, 5);
});

test('a bias in front of a batch normalisation has no gradient, for the mean takes it out again', () => {
  const f = convnet({ data: noise(8, 3), ...small })(0);
  const { grads } = valueAndGrad((p) => f.loss(p, 0), f.theta0);
  const largest = (name: string) => tf.max(tf.abs(get(grads, name))).dataSync()[0]!;
  for (const layer of ['conv0', 'conv1', 'dense0']) expect(largest(`${layer}/bias`)).toBeLessThan(1e-6);
  expect(largest('dense1/bias')).toBeGreaterThan(1e-3);
});

test('without pooling the maps keep their size; an averaging head has a weight for each channel', () => {
  const shapes = (options: object) => {
    const { theta0 } = convnet({ data: noise(8, 3), ...small, ...options })(0);
    return get(theta0, 'dense0/kernel').shape;
  };
  expect(shapes({})).toEqual([2 * 2 * 4, 5]);
  expect(shapes({ pool: [false, true] })).toEqual([4 * 4 * 4, 5]);
  expect(shapes({ pool: [false, false], average: true })).toEqual([4, 5]);
});

test('the head’s average is the mean over the pixels of the last maps', () => {
  const options = { ...small, filters: [3], pool: [false], hidden: [], kernel: 3 };
  const [side, n] = [4, 3];
  const f = convnet({ data: noise(side, 2), ...options })(1);
  const averaging = convnet({ data: noise(side, 2), ...options, average: true })(1);
  const spread = (w: tf.Tensor) => tf.tile(w.div(side * side), [side * side, 1]);
  const theta = averaging.theta0;
  const same = { ...theta, 'dense0/kernel': spread(get(theta, 'dense0/kernel')) };
  expect(same['dense0/kernel'].shape).toEqual([side * side * n, 10]);
  const [a, b] = [averaging.loss(theta, 0), f.loss(same, 0)].map((x) => x.dataSync()[0]!);
  expect(a).toBeCloseTo(b!, 6);
});

test('a list of poolings of another length is refused', () => {
  expect(() => convnet({ data: noise(8, 1), pool: [true] })).toThrow(
    'convnet: pool has 1 entries for 3 convolutions',
  );
});

test('pictures too small for the poolings are refused', () => {
  expect(() => convnet({ data: noise(4, 1) })).toThrow(
    'convnet: expected pictures of n × n with n ≥ 8 for 3 halvings, got [4,4,1]',
  );
});
