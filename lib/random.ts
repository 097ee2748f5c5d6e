import * as tf from '@tensorflow/tfjs';
import { alea } from 'seedrandom';

/**
 * Independent draws from one stream, named by words such as a seed and a purpose: the only place in `lib/` that
 * makes random numbers. The same words give the same draws in the same order, on every backend.
 */
export function random(...words: (number | string)[]) {
  const stream = alea(words.join('/'));
  // TensorFlow.js takes seed 0 for "no seed".
  const seed = () => 1 + (stream.int32() >>> 1);
  return {
    /** N(0, stddev²). */
    normal: <R extends tf.Rank>(shape: tf.ShapeMap[R], stddev = 1) =>
      tf.randomNormal<R>(shape, 0, stddev, 'float32', seed()),
    /** N(0, stddev²) without the values beyond two standard deviations. */
    truncatedNormal: <R extends tf.Rank>(shape: tf.ShapeMap[R], stddev = 1) =>
      tf.truncatedNormal<R>(shape, 0, stddev, 'float32', seed()),
    /** U[lo, hi). */
    uniform: <R extends tf.Rank>(shape: tf.ShapeMap[R], lo = 0, hi = 1) =>
      tf.randomUniform<R>(shape, lo, hi, 'float32', seed()),
    /** `n` whole numbers from `from` up to but not including `to`, with replacement. */
    integers: (n: number, from: number, to: number) =>
      Int32Array.from({ length: n }, () => from + Math.floor(stream() * (to - from))),
    /** One number of U[0, 1), N(0, 1) or Exp(1), where a tensor for each would be slow. */
    one: {
      uniform: (): number => stream(),
      normal: () => Math.sqrt(-2 * Math.log(1 - stream())) * Math.cos(2 * Math.PI * stream()),
      exponential: () => -Math.log(1 - stream()),
    },
  };
}
