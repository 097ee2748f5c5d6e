import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { random } from '../../random.js';
import { ready } from '../backend.js';
import { batchNorm } from './batchnorm.js';

let backend: string;
beforeAll(async () => {
  backend = (await ready()).name;
});
afterAll(
  async () => void (await tf.setBackend(backend === 'node' || backend === 'gpu' ? 'tensorflow' : backend)),
);

const normal = (...shape: number[]) => random('kernels', ...shape).normal(shape as [number, number]);

/** The same computation on wasm, with our kernels, and on cpu. */
async function both(f: () => tf.Tensor): Promise<[wasm: Float32Array, cpu: Float32Array]> {
  const results: Float32Array[] = [];
  for (const name of ['wasm', 'cpu']) {
    await tf.setBackend(name);
    const result = tf.tidy(f);
    results.push((await result.data()) as Float32Array);
    result.dispose();
  }
  return results as [Float32Array, Float32Array];
}

function agree([wasm, cpu]: [Float32Array, Float32Array]) {
  const scale = Math.max(...cpu.map(Math.abs));
  expect(wasm.length).toBe(cpu.length);
  expect(Math.max(...wasm.map((x, i) => Math.abs(x - cpu[i]!))) / scale).toBeLessThan(1e-5);
}

describe('a matrix product on wasm is that of cpu', () => {
  test.each([
    [[5, 3], [3, 7], false, false],
    [[3, 5], [3, 7], true, false],
    [[5, 3], [7, 3], false, true],
    [[3, 5], [7, 3], true, true],
    [[1, 9], [9, 1], false, false],
    [[4, 3, 5], [4, 3, 2], true, false],
    [[4, 5, 3], [1, 2, 3], false, true],
  ])('%j × %j, transposed: %s, %s', async (a, b, ta, tb) => {
    agree(await both(() => tf.matMul(normal(...a), normal(...b), ta, tb)));
  });
});

describe('gradients of a convolution on wasm are those of cpu', () => {
  test.each([
    [[2, 6, 6, 3], [3, 3, 3, 4], 1, 'same'],
    [[2, 7, 5, 2], [5, 5, 2, 3], 1, 'same'],
    [[1, 8, 8, 1], [3, 2, 1, 2], 1, 'valid'],
    [[2, 9, 8, 2], [3, 3, 2, 5], 2, 'same'],
    [[2, 9, 9, 2], [4, 3, 2, 1], 3, 'valid'],
    [[2, 6, 7, 2], [4, 2, 2, 3], 1, 'same'],
  ] as const)('%j with filter %j, stride %d, %s', async (x, w, stride, pad) => {
    const loss = (a: tf.Tensor, b: tf.Tensor) =>
      tf
        .conv2d(a as tf.Tensor4D, b as tf.Tensor4D, stride, pad)
        .square()
        .sum();
    const gradient = (i: 0 | 1) => tf.grads((a, b) => loss(a!, b!))([normal(...x), normal(...w)])[i]!;
    agree(await both(() => gradient(0)));
    agree(await both(() => gradient(1)));
  });
});

describe('a sum on wasm is that of cpu', () => {
  test.each([
    [[70, 3], [0], false],
    [[2, 5, 4, 3], [0, 1, 2], false],
    [[2, 5, 4, 3], [0, 1, 2], true],
    [[2, 5, 4, 3], [1, 2], false],
    [[2, 5, 3], [2], true],
    [[2, 5, 3], [-1, 0], false],
    [[7], [0], false],
  ] as const)('%j over %j, axes kept: %s', async (shape, axes, keep) => {
    agree(await both(() => normal(...shape).sum([...axes], keep)));
  });

  test('of whole numbers, and of very many numbers alike in sign', async () => {
    agree(await both(() => tf.tensor2d([1, 2, 3, 4], [2, 2], 'int32').sum(0)));
    agree(await both(() => normal(200_000, 2).abs().sum(0)));
  });
});

describe('the gradient of a max-pool on wasm is that of cpu', () => {
  test.each([
    [[2, 6, 6, 3], 2, 2, 'valid'],
    [[2, 7, 5, 2], 3, 2, 'same'],
    [[1, 8, 8, 1], 3, 1, 'same'],
    [[2, 5, 5, 2], 2, 1, 'valid'],
  ] as const)('%j, window %d, stride %d, %s', async (shape, size, stride, pad) => {
    const pooled = (x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, size, stride, pad);
    agree(await both(() => tf.grad((x) => pooled(x).square().sum())(normal(...shape))));
    // Equal numbers, as after a ReLU.
    agree(await both(() => tf.grad((x) => pooled(x.relu()).add(1).square().sum())(normal(...shape))));
  });
});

describe('batch normalisation', () => {
  const [x, gamma, beta] = [[4, 3, 5, 2], [2], [2]] as const;
  const given = () => [normal(...x), normal(...gamma).add(2), normal(...beta)] as const;
  const weight = () => normal(1, ...x).reshape(x as never);
  const plain = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) => {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    return tf.batchNorm4d(x as tf.Tensor4D, mean as tf.Tensor1D, variance as tf.Tensor1D, beta as tf.Tensor1D, gamma as tf.Tensor1D, 1e-3); // prettier-ignore
  };

  test('is that of TensorFlow.js, on wasm and cpu', async () => {
    const ours = await both(() =>
      batchNorm(...(given() as unknown as [tf.Tensor, tf.Tensor1D, tf.Tensor1D])),
    );
    const [theirs] = await both(() => plain(...given()));
    agree(ours);
    agree([ours[0], theirs]);
  });

  test.each([0, 1, 2] as const)('and so is its gradient, of argument %d', async (i) => {
    const gradient = (f: (...args: tf.Tensor[]) => tf.Tensor) =>
      both(
        () =>
          tf.grads((...args) =>
            f(...args)
              .mul(weight())
              .sum(),
          )([...given()])[i]!,
      );
    const ours = await gradient((x, g, b) => batchNorm(x!, g as tf.Tensor1D, b as tf.Tensor1D));
    const [, theirs] = await gradient((x, g, b) => plain(x!, g!, b!));
    agree(ours);
    agree([ours[0], theirs]);
  });
});

test('the kernels leave no tensor and no data behind', async () => {
  await tf.setBackend('wasm');
  const [a, b] = [normal(3, 5), normal(3, 7)];
  const before = { tensors: tf.memory().numTensors, data: tf.engine().backend.numDataIds() };
  tf.matMul(a, b, true).dispose();
  const [x, w] = [tf.ones([1, 4, 4, 1]), tf.ones([3, 3, 1, 2])];
  const convolve = (filter: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 'same');
  tf.grad(convolve)(w).dispose();
  tf.grad((image) => tf.maxPool(tf.conv2d(image as tf.Tensor4D, w as tf.Tensor4D, 1, 'same'), 2, 2, 'same'))(
    x,
  ).dispose();
  x.sum([0, 1, 2]).dispose();
  expect(Array.from(x.dataSync())).toEqual(Array<number>(16).fill(1));
  tf.dispose([x, w]);
  expect({ tensors: tf.memory().numTensors, data: tf.engine().backend.numDataIds() }).toEqual(before);
});
