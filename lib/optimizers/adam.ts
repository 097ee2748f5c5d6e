import * as tf from '@tensorflow/tfjs';
import { coordinatewise } from '../coordinatewise.js';
import type { Optimizer } from '../types.js';

/** Algorithm 1 of Kingma & Ba, *Adam: a method for stochastic optimization*, ICLR 2015, with its defaults. */
export function adam({ lr = 1e-3, beta1 = 0.9, beta2 = 0.999, eps = 1e-8 } = {}): Optimizer {
  return coordinatewise({
    init: (n) => ({ t: 0, m: tf.zeros<tf.Rank.R1>([n]), v: tf.zeros<tf.Rank.R1>([n]) }),
    update(grad, { t, m, v }) {
      t = t + 1;
      m = m.mul<tf.Tensor1D>(beta1).add(grad.mul(1 - beta1));
      v = v.mul<tf.Tensor1D>(beta2).add(grad.square().mul(1 - beta2));
      const mHat = m.div<tf.Tensor1D>(1 - beta1 ** t);
      const vHat = v.div<tf.Tensor1D>(1 - beta2 ** t);
      return [mHat.div(vHat.sqrt().add(eps)).mul(-lr), { t, m, v }];
    },
  });
}
