// The small VGG as a classifier of CIFAR-10, its batch norms folded into the convolutions.
import * as tf from '@tensorflow/tfjs';
import type { Dataset } from '../datasets/dataset.js';
import { get, tidy } from '../params.js';
import { breathe, type Watch } from '../progress.js';
import type { Params, Split } from '../types.js';
import type { SmallVggSettings } from './settings.js';

/** The shape of a network: what its folded parameters do not say. */
export type Shape = Pick<SmallVggSettings, 'filters' | 'pool'>;

/** What halves the maps: `max` as trained, `average` as features (Gatys et al. 2016). */
export type Pooling = 'max' | 'average';

/** Pictures that go through a network at once. */
const together = 250;

/** `conv1_1`, `conv1_2`, …, as in VGG: the number of the block, and of the convolution in it. */
export function layerNames({ pool }: Pick<Shape, 'pool'>): string[] {
  const blocks = pool.map((_, l) => 1 + pool.slice(0, l).filter(Boolean).length);
  return blocks.map((block, l) => `conv${block}_${1 + l - blocks.indexOf(block)}`);
}

/** The activations behind each ReLU; `activation` gives those of convolution l from its input. */
export function maps(
  { pool }: Pick<Shape, 'pool'>,
  pictures: tf.Tensor4D,
  activation: (x: tf.Tensor4D, l: number) => tf.Tensor4D,
  pooling: Pooling = 'max',
): tf.Tensor4D[] {
  const halve = pooling === 'max' ? tf.maxPool : tf.avgPool;
  const seen: tf.Tensor4D[] = [];
  pool.reduce((x, halved, l) => {
    seen.push(activation(x, l));
    return halved ? halve<tf.Tensor4D>(seen[l]!, 2, 2, 'valid') : seen[l]!;
  }, pictures);
  return seen;
}

/** The activations of the folded network `params`. */
export const foldedMaps = (shape: Shape, params: Params, pictures: tf.Tensor4D, pooling?: Pooling) => {
  const names = layerNames(shape);
  const activation = (x: tf.Tensor4D, l: number) => {
    const kernel = get<tf.Tensor4D>(params, `${names[l]}/kernel`);
    return x
      .conv2d(kernel, 1, 'same')
      .add(get(params, `${names[l]}/bias`))
      .relu() as tf.Tensor4D;
  };
  return maps(shape, pictures, activation, pooling);
};

/** The classes' scores [pictures, classes] from the last maps. */
export const scores = (params: Params, last: tf.Tensor4D): tf.Tensor2D =>
  last.mean<tf.Tensor2D>([1, 2]).matMul(get<tf.Tensor2D>(params, 'classes/kernel')).add(get(params, 'classes/bias')); // prettier-ignore

/** Rows `from` … `to` − 1 of the data as pictures in [0, 1]. */
export function pictures({ images, shape }: Dataset, from: number, to: number): tf.Tensor4D {
  const [side, width, channels] = shape as [number, number, number];
  const size = side * width * channels;
  const bytes = images.subarray(from * size, to * size);
  return tf.tensor4d(Float32Array.from(bytes, (pixel) => pixel / 255), [to - from, side, width, channels]); // prettier-ignore
}

/** Goes through rows `from` … `to` − 1 a few at a time: `see` gets their pictures, inside a tidy, and where they begin. */
export async function inTurn(
  data: Dataset,
  [from, to]: readonly [number, number],
  see: (x: tf.Tensor4D, first: number) => void,
  { onProgress, signal }: Watch = {},
): Promise<void> {
  for (let first = from; first < to; first += together) {
    await breathe(signal);
    const end = Math.min(to, first + together);
    tidy(() => see(pictures(data, first, end), first));
    onProgress?.({ done: end - from, total: to - from });
  }
}

/** Share of a split's pictures, or of its first `most`, to which the folded network gives the highest score at their class. */
export async function accuracy(
  shape: Shape,
  params: Params,
  data: Dataset,
  split: Split,
  watch: Watch & { most?: number } = {},
): Promise<number> {
  const [from, to] = data.splits[split];
  const end = Math.min(to, from + (watch.most ?? Infinity));
  let right = 0;
  const see = (x: tf.Tensor4D, first: number) => {
    const found = scores(params, foldedMaps(shape, params, x).at(-1)!)
      .argMax(1)
      .dataSync();
    right += found.filter((label, i) => label === data.labels[first + i]).length;
  };
  await inTurn(data, [from, end], see, watch);
  return right / (end - from);
}
