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
  { images, labels, shape, splits }: Dataset,
  size: number,
  split: Split,
  seed: number,
  t: number,
): { x: tf.Tensor2D; y: tf.Tensor1D } {
  const width = shape.reduce((a, b) => a * b);
  const rows = random('minibatch', split, seed, t).integers(size, ...splits[split]);
  const x = new Float32Array(size * width);
  rows.forEach((row, i) => {
    for (let k = 0; k < width; k++) x[i * width + k] = images[row * width + k]! / 255;
  });
  return {
    x: tf.tensor2d(x, [size, width]),
    y: tf.tensor1d(
      rows.map((row) => labels[row]!),
      'int32',
    ),
  };
}
