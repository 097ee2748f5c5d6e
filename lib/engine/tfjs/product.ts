import type * as tf from '@tensorflow/tfjs';
import type { Kernel } from './kernel.js';

/** A product with a transpose runs a plain loop in the backend; transposing first lets it use its fast one. */
export function transposedProduct(product: Kernel, transpose: Kernel): Kernel {
  return ({ inputs, backend, attrs: { transposeA, transposeB, ...rest } }) => {
    const turned = (x: tf.TensorInfo) => {
      const perm = x.shape.map((_, i) => i);
      perm.push(...perm.splice(-2).reverse());
      return transpose({ inputs: { x }, backend, attrs: { perm } });
    };
    const a = transposeA ? turned(inputs.a!) : inputs.a!;
    const b = transposeB ? turned(inputs.b!) : inputs.b!;
    const result = product({
      inputs: { a, b },
      backend,
      attrs: { ...rest, transposeA: false, transposeB: false },
    });
    if (transposeA) backend.disposeData(a.dataId);
    if (transposeB) backend.disposeData(b.dataId);
    return result;
  };
}
