import * as tf from '@tensorflow/tfjs';
import { coordinatewise } from '../coordinatewise.js';
import type { Optimizer } from '../types.js';

/**
 * ∇ over the root of its running mean square (Tieleman & Hinton, *Lecture 6.5: RMSProp*, 2012).
 *
 * Defaults and the place of eps (outside the root) are Torch7's, which the paper used; the mean starts at zero.
 */
export function rmsprop({ lr = 0.01, decay = 0.99, eps = 1e-8 } = {}): Optimizer {
  return coordinatewise({
    init: (n) => ({ v: tf.zeros<tf.Rank.R1>([n]) }),
    update(grad, { v }) {
      v = v.mul<tf.Tensor1D>(decay).add(grad.square().mul(1 - decay));
      return [grad.div(v.sqrt().add(eps)).mul(-lr), { v }];
    },
  });
}
