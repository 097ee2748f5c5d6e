import * as tf from '@tensorflow/tfjs';
import { random } from '../random.js';
import type { Split } from '../types.js';
import type { Dataset } from './dataset.js';

/**
 * The t-th minibatch of an optimization: `size` rows of the split, drawn with replacement, a function of
 * (split, seed, t) and never of who asked before.
 *
 * @returns x: pixels in [0, 1], [size, pixels]; y: classes, int32 [size]
 */
export function minibatch(
  data: Dataset,
  size: number,
  split: Split,
  seed: number,
  t: number,
): { x: tf.Tensor2D; y: tf.Tensor1D } {
  return tensorsOf(examples(data, size, split, seed, t));
}

/** A minibatch of bytes as tensors: pixels in [0, 1], [size, pixels], and classes, int32 [size]. */
export function tensorsOf({ pixels, labels }: { pixels: Uint8Array; labels: Int32Array }): {
  x: tf.Tensor2D;
  y: tf.Tensor1D;
} {
  const size = labels.length;
  const x = tf.tensor2d(Float32Array.from(pixels, (pixel) => pixel / 255), [size, pixels.length / size]); // prettier-ignore
  return { x, y: tf.tensor1d(labels, 'int32') };
}

/** The same minibatch as bytes: pixels 0…255, [size, pixels], and classes. */
export function examples(
  { images, labels, shape, splits }: Dataset,
  size: number,
  split: Split,
  seed: number,
  t: number,
): { pixels: Uint8Array; labels: Int32Array } {
  const width = shape.reduce((a, b) => a * b);
  const rows = random('minibatch', split, seed, t).integers(size, ...splits[split]);
  const pixels = new Uint8Array(size * width);
  rows.forEach((row, i) => pixels.set(images.subarray(row * width, (row + 1) * width), i * width));
  return { pixels, labels: rows.map((row) => labels[row]!) };
}
