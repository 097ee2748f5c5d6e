import * as tf from '@tensorflow/tfjs';
import type { Kernel } from './kernel.js';

/**
 * A sum over all axes but the last, as the gradient of a bias and batch statistics need: the backend transposes the
 * whole tensor for it. Other sums stay the backend's.
 */
export function leadingSum(sum: Kernel): Kernel {
  return (args) => {
    const { inputs, backend, attrs } = args;
    const x = inputs.x!;
    const rank = x.shape.length;
    const axes = tf.util.parseAxisParam((attrs.axis ?? []) as number[], x.shape);
    const leading = rank > 1 && axes.length === rank - 1 && axes.every((axis) => axis < rank - 1);
    if (!leading || x.dtype !== 'float32') return sum(args);
    const channels = x.shape[rank - 1]!;
    const shape = attrs.keepDims ? [...axes.map(() => 1), channels] : [channels];
    const result = backend.makeOutput(shape, 'float32');
    const values = backend.typedArrayFromHeap(x);
    const sums = new Float64Array(channels);
    for (let i = 0; i < values.length; i += channels) {
      for (let c = 0; c < channels; c++) sums[c]! += values[i + c]!;
    }
    backend.typedArrayFromHeap(result).set(sums);
    return result;
  };
}
