import * as tf from '@tensorflow/tfjs';
import { coordinatewise } from '../coordinatewise.js';
import type { Optimizer } from '../types.js';

/**
 * Nesterov's accelerated gradient (NAG) with θ at the look-ahead point, where both the loss and ∇ are taken:
 * v ← momentum v − lr ∇, g = momentum v − lr ∇ (Sutskever et al., ICML 2013, §2).
 *
 * Torch7's `optim.nag`, which the paper used, moves to that point and back within a step; PyTorch's
 * `SGD(nesterov=True)` stores v / −lr. All three report the same losses. The momentum is Torch7's default.
 */
export function nesterov({ lr = 0.01, momentum = 0.9 } = {}): Optimizer {
  return coordinatewise({
    init: (n) => ({ v: tf.zeros<tf.Rank.R1>([n]) }),
    update(grad, { v }) {
      const step = grad.mul<tf.Tensor1D>(-lr);
      v = v.mul<tf.Tensor1D>(momentum).add(step);
      return [v.mul<tf.Tensor1D>(momentum).add(step), { v }];
    },
  });
}
