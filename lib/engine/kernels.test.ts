import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { random } from '../random.js';
import { ready } from './backend.js';

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

test('the kernels leave no tensor and no data behind', async () => {
  await tf.setBackend('wasm');
  const [a, b] = [normal(3, 5), normal(3, 7)];
  const before = { tensors: tf.memory().numTensors, data: tf.engine().backend.numDataIds() };
  tf.matMul(a, b, true).dispose();
  const [x, w] = [tf.ones([1, 4, 4, 1]), tf.ones([3, 3, 1, 2])];
  const convolve = (filter: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 'same');
  tf.grad(convolve)(w).dispose();
  expect(Array.from(x.dataSync())).toEqual(Array<number>(16).fill(1));
  tf.dispose([x, w]);
  expect({ tensors: tf.memory().numTensors, data: tf.engine().backend.numDataIds() }).toEqual(before);
});
