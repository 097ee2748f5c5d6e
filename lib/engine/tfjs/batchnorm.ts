import * as tf from '@tensorflow/tfjs';

/**
 * Batch normalisation with the statistics of x itself, over all axes but the last: γ (x − μ) / √(σ² + ε) + β. Its
 * gradient is written out, with two sums, where that of TensorFlow.js goes back through every operation:
 *
 *   x̂ = (x − μ) / √(σ² + ε),   ∂β = Σ dy,   ∂γ = Σ dy x̂,   ∂x = γ / √(σ² + ε) (dy − ∂β / m − x̂ ∂γ / m)
 *
 * Ioffe & Szegedy, *Batch normalization*, ICML 2015, §3. The same on every backend.
 *
 * @param x [..., channels]; `gamma` and `beta` [channels]
 */
export function batchNorm<T extends tf.Tensor>(
  x: T,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  epsilon = 1e-3,
): T {
  const axes = x.shape.slice(1).map((_, i) => i);
  const m = x.size / gamma.size;
  return tf.customGrad((...args) => {
    const [x, gamma, beta] = args as tf.Tensor[] as [T, tf.Tensor1D, tf.Tensor1D];
    const save = args[3] as unknown as (tensors: tf.Tensor[]) => void;
    const centred = x.sub(x.sum(axes).div(m));
    const scale = centred.square().sum(axes).div(m).add(epsilon).rsqrt();
    const normal = centred.mul(scale);
    save([normal, scale, gamma]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [normal, scale, gamma] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
      const dBeta = dy.sum(axes);
      const dGamma = dy.mul(normal).sum(axes);
      const dx = dy
        .sub(dBeta.div(m))
        .sub(normal.mul(dGamma.div(m)))
        .mul(gamma.mul(scale));
      return [dx, dGamma, dBeta];
    };
    return { value: normal.mul(gamma).add(beta), gradFunc };
  })(x, gamma, beta) as T;
}
