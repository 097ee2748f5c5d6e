import * as tf from '@tensorflow/tfjs';
import type { StreamFamily } from '../datasets/xorGaussians.js';
import { get } from '../params.js';
import type { Optimizee, Params } from '../types.js';
import { sideBySideStreams } from './batch.js';
import type { Learner } from './cellState.js';
import { pass } from './pass.js';

/**
 * Training a learner as the minimisation of an optimizee: f_t(φ) = L', the mean cross-entropy over all examples, shown and
 * hidden, of the t-th batch of fresh streams, so that any `Optimizer` can train φ. (The loss that is reported, L, counts
 * the hidden ones alone.)
 *
 * @param family the streams of the t-th batch
 */
export function learning(
  learner: Learner,
  family: (t: number) => StreamFamily,
  { batch, seed = 0 }: { batch: number; seed?: number },
): Optimizee {
  const at = (phi: Params, t: number) => {
    const first = seed * 100_000_000 + t * batch;
    const draw = family(t);
    return pass(learner, phi, sideBySideStreams(Array.from({ length: batch }, (_, i) => draw(first + i))));
  };
  return {
    theta0: learner.init(seed),
    loss(phi, t) {
      const names = Object.keys(phi);
      // The pass has its gradient written out; TensorFlow.js needs to be told.
      const custom = tf.customGrad((...tensors) => {
        const given = Object.fromEntries(names.map((name, k) => [name, tensors[k] as tf.Tensor]));
        const { losses, backward } = at(given, t);
        const total = losses.reduce((sum, loss) => sum + loss, 0);
        return {
          value: tf.scalar(total / losses.length),
          gradFunc: (dy: tf.Tensor) => {
            const weight = dy.dataSync()[0]! / losses.length;
            const grads = backward(new Float32Array(losses.length).fill(weight));
            return names.map((name) => get(grads, name));
          },
        };
      });
      return custom(...Object.values(phi)) as tf.Scalar;
    },
  };
}
