import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { FeatureNetwork } from '../features/network.js';
import { get, tidy } from '../params.js';
import { random } from '../random.js';
import { directionalError } from '../testing/gradcheck.js';
import { randomFeatures } from '../testing/randomFeatures.js';
import type { Split, StyleSpec } from '../types.js';
import { style } from './style.js';

const picture = (seed: number, height = 8, width = 8) =>
  random('picture', seed).uniform<tf.Rank.R3>([height, width, 3]);
const contents = (seed: number, split: Split) =>
  random('content', split, seed).uniform<tf.Rank.R3>([8, 6, 3]);
const network = randomFeatures(1);
const painting = picture(5, 7, 10);
type Options = Partial<Parameters<typeof style>[0]>;
const family = (options: Options = {}) => style({ network, contents, style: painting, ...options });
const at = (options: Options, image: tf.Tensor3D) =>
  family({ contents: () => image, ...options })(0)
    .loss({ image }, 0)
    .dataSync()[0]!;

/** Activations [h][w][c] of a convolution written out number by number. */
function convolved(x: number[], [h, w, c]: number[], kernel: tf.Tensor4D, bias: tf.Tensor1D): number[] {
  const [k, b, outputs] = [kernel.dataSync(), bias.dataSync(), bias.size];
  return Array.from({ length: h! * w! * outputs }, (_, at) => {
    const [o, j, i] = [at % outputs, Math.floor(at / outputs) % w!, Math.floor(at / outputs / w!)];
    let sum = b[o]!;
    for (let y = 0; y < 3; y++)
      for (let z = 0; z < 3; z++)
        for (let e = 0; e < c!; e++) {
          const [row, column] = [i + y - 1, j + z - 1];
          if (row < 0 || column < 0 || row >= h! || column >= w!) continue;
          sum += x[(row * w! + column) * c! + e]! * k[((y * 3 + z) * c! + e) * outputs + o]!;
        }
    return Math.max(0, sum);
  });
}
function averaged(x: number[], [h, w, c]: number[]): number[] {
  const [half, width] = [Math.floor(h! / 2), Math.floor(w! / 2)];
  return Array.from({ length: half * width * c! }, (_, at) => {
    const [e, j, i] = [at % c!, Math.floor(at / c!) % width, Math.floor(at / c! / width)];
    const from = (y: number, z: number) => x[((2 * i + y) * w! + 2 * j + z) * c! + e]!;
    return (from(0, 0) + from(0, 1) + from(1, 0) + from(1, 1)) / 4;
  });
}
/** conv1_1 and conv2_1 of the small random network. */
function byHand({ layers, input }: FeatureNetwork, image: tf.Tensor3D): [number[], number[]] {
  const [h, w] = image.shape;
  const pixels = Array.from(image.dataSync());
  const from = pixels.map((_, at) => pixels[at - (at % 3) + (input.order === 'bgr' ? 2 - (at % 3) : at % 3)]! * input.scale - input.mean[at % 3]!); // prettier-ignore
  const layer = (i: number) => layers[i] as { kernel: tf.Tensor4D; bias: tf.Tensor1D };
  const first = convolved(from, [h, w, 3], layer(0).kernel, layer(0).bias);
  const second = convolved(first, [h, w, 4], layer(1).kernel, layer(1).bias);
  const half = [Math.floor(h / 2), Math.floor(w / 2), 5];
  return [first, convolved(averaged(second, [h, w, 5]), half, layer(3).kernel, layer(3).bias)];
}
const gram = (x: number[], c: number) =>
  Array.from({ length: c * c }, (_, at) => {
    let sum = 0;
    for (let i = 0; i < x.length; i += c) sum += x[i + (at % c)]! * x[i + Math.floor(at / c)]!;
    return sum / (x.length / c);
  });
const relative = (x: number[], to: number[]) =>
  x.reduce((sum, v, i) => sum + (v - to[i]!) ** 2, 0) / to.reduce((sum, v) => sum + v * v, 0);

test.each(['rgb', 'bgr'] as const)('the loss is the formula written out number by number (%s)', (order) => {
  const net = { ...network, input: { ...network.input, order } };
  const image = picture(9, 8, 6);
  const [first, second] = byHand(net, image);
  const [, content] = byHand(net, contents(3, 'train'));
  const [style1, style2] = byHand(net, painting);
  const x = Array.from(image.dataSync());
  let variation = 0;
  for (let i = 0; i < 8; i++)
    for (let j = 0; j < 6; j++)
      for (let c = 0; c < 3; c++) {
        const at = (i * 6 + j) * 3 + c;
        if (i < 7) variation += (x[at + 18]! - x[at]!) ** 2;
        if (j < 5) variation += (x[at + 3]! - x[at]!) ** 2;
      }
  const styles = relative(gram(first, 4), gram(style1, 4)) + relative(gram(second, 6), gram(style2, 6));
  const expected = 2 * relative(second, content) + (3 * styles) / 2 + (5 * variation) / 144;
  const f = family({ network: net, alpha: 2, beta: 3, gamma: 5 })(3);
  expect(f.loss({ image }, 0).dataSync()[0]! / expected).toBeCloseTo(1, 5);
});

describe('f', () => {
  test('has the numerical gradient in each of its terms', () => {
    for (const [alpha, beta, gamma] of [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
      [1, 1, 1],
    ]) {
      // prettier-ignore
      const errors = Array.from({ length: 9 }, (_, seed) => {
        const f = family({ alpha, beta, gamma, begin: 'noise' } as Options)(seed);
        return directionalError((p) => f.loss(p, 0), f.theta0, undefined, 3e-4);
      });
      expect(errors.sort((a, b) => a - b)[4]).toBeLessThan(5e-3); // most meet no kink of a ReLU
    }
  });

  test('starts from its content picture, where the content term is 0, or from grey noise', () => {
    const f = family()(2, 'validation');
    const image = get<tf.Tensor3D>(f.theta0, 'image');
    expect(image.dataSync()).toEqual(contents(2, 'validation').dataSync());
    expect(family({ beta: 0, gamma: 0 })(2, 'validation').loss({ image }, 0).dataSync()[0]).toBeLessThan(1e-12); // prettier-ignore
    const noise = get(family({ begin: 'noise', contents: () => picture(1, 40, 50) })(2).theta0, 'image');
    const { mean, variance } = tf.moments(noise);
    expect(mean.dataSync()[0]).toBeCloseTo(0.5, 1);
    expect(variance.sqrt().dataSync()[0]).toBeCloseTo(0.25, 1);
  });

  test('is not changed in its style by the size of the picture, where that is made of four of the same', () => {
    // Without a border every pixel of a plain picture sees the same.
    const plain = (height: number, width: number) => tf.fill<tf.Rank.R3>([height, width, 3], 0.7);
    const pointwise = network.layers.map((layer) => 'pool' in layer ? layer : { ...layer, kernel: layer.kernel.mul<tf.Tensor4D>(tf.oneHot([4], 9).reshape([3, 3, 1, 1])) }); // prettier-ignore
    const options = { network: { ...network, layers: pointwise }, alpha: 0, gamma: 0 };
    expect(at(options, plain(16, 12)) / at(options, plain(8, 6))).toBeCloseTo(1, 5);
  });

  test('of the style picture itself is free of style, and of content at another one', () => {
    const own = { contents: () => painting };
    expect(at({ ...own, alpha: 0, gamma: 0 }, painting)).toBeLessThan(1e-12);
    expect(at({ ...own, alpha: 1, beta: 0, gamma: 0 }, picture(1, 7, 10))).toBeGreaterThan(0.01);
  });

  test('computes targets once: of the style for the family, of a content picture for unroll after unroll', () => {
    const draw = family();
    const specs = [draw(1), draw(1), draw(2)].map((f) => f.loss.spec as StyleSpec);
    expect(specs[0]!.content).toBe(specs[1]!.content);
    expect(specs[0]!.content).not.toBe(specs[2]!.content);
    expect(specs[0]!.style).toBe(specs[2]!.style);
  });

  test('says to an engine what it is', () => {
    const { content, style, ...rest } = family({ beta: 4 })(0).loss.spec as StyleSpec;
    expect(rest).toEqual({ height: 8, width: 6, input: network.input, layers: network.layers, variation: 1 / 144 }); // prettier-ignore
    expect([content, ...style].map(({ layer, values }) => [layer, values.length])).toEqual([['conv2_1', 4 * 3 * 6], ['conv1_1', 16], ['conv2_1', 36]]); // prettier-ignore
  });

  test('leaves no tensors but θ₀, and none of the pictures given', () => {
    const draw = family();
    const before = tf.memory().numTensors;
    tidy(() => void draw(7).loss({ image: picture(1, 8, 6) }, 0));
    expect(tf.memory().numTensors).toBe(before);
    draw(8).theta0.image!.dispose();
    expect(tf.memory().numTensors).toBe(before);
    expect(painting.isDisposed).toBe(false);
  });

  test('refuses layers that are not there and pictures that are too small', () => {
    expect(() => family({ network: { ...network, content: 'conv9_1' } })).toThrow("no layer 'conv9_1'");
    expect(() => family({ contents: () => picture(0, 1, 1) })(0)).toThrow('expected a picture [height, width, 3] of 2 × 2 or more, got [1,1,3]'); // prettier-ignore
  });
});
