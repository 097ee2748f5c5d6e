import * as tf from '@tensorflow/tfjs';
import type { PreprocessSpec } from './types.js';

/** Turns ∇ [n] into the features [n, features] that a learned optimizer reads. */
export interface Preprocess {
  (grad: tf.Tensor1D): tf.Tensor2D;
  readonly features: number;
  /** The same as plain data, for an engine; a preprocessing without it runs on the plain path. */
  readonly spec?: PreprocessSpec;
}

/** ∇ as it is, [n, 1]; the paper's choice for quadratics (§3.1). */
export function raw(): Preprocess {
  const features = (grad: tf.Tensor1D) => grad.expandDims<tf.Tensor2D>(1);
  return Object.assign(features, { features: 1, spec: { kind: 'raw' } as const });
}

/** k ∇, [n, 1]: one fixed factor for all coordinates, which Appendix A calls nearly as good as {@link logSign}. */
export function rescale(factor: number): Preprocess {
  const features = (grad: tf.Tensor1D) => grad.mul(factor).expandDims<tf.Tensor2D>(1);
  return Object.assign(features, { features: 1, spec: { kind: 'rescale', factor } as const });
}

/**
 * Appendix A: magnitude and sign apart [n, 2], so that gradients of 1e-4 and 1e+2 are both of order 1.
 *
 * (log|∇| / p, sgn ∇) where |∇| ≥ e^−p, and (−1, e^p ∇) elsewhere; both are continuous at e^−p. The paper takes p = 10.
 */
export function logSign(p = 10): Preprocess {
  const smallest = Math.exp(-p);
  const features = (grad: tf.Tensor1D) => {
    const size = grad.abs();
    const log = size.maximum(smallest).log().div(p).maximum(-1); // −1 exactly below the threshold
    const sign = grad.div(smallest).clipByValue(-1, 1);
    return tf.stack([log, sign], 1) as tf.Tensor2D;
  };
  return Object.assign(features, { features: 2, spec: { kind: 'logSign', p } as const });
}
