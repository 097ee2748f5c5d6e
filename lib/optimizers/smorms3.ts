import * as tf from '@tensorflow/tfjs';
import { coordinatewise } from '../coordinatewise.js';
import type { Optimizer } from '../types.js';

/**
 * SMORMS3 (Funk, *RMSprop loses to SMORMS3*, 2015): RMSprop whose memory and step both follow how well the gradients agree,
 * r = 1/(mem + 1); g, g2: running means of ∇ and ∇² with rate r; agreement g²/g2; step ∇ min(lr, agreement)/√g2;
 * mem ← 1 + mem (1 − agreement).
 */
export function smorms3({ lr = 1e-3, eps = 1e-16 } = {}): Optimizer {
  return coordinatewise({
    init: (n) => ({
      mem: tf.ones<tf.Rank.R1>([n]),
      g: tf.zeros<tf.Rank.R1>([n]),
      g2: tf.zeros<tf.Rank.R1>([n]),
    }),
    update(grad, { mem, g, g2 }) {
      const r = mem.add<tf.Tensor1D>(1).reciprocal();
      const mix = (old: tf.Tensor1D, now: tf.Tensor1D) => old.add<tf.Tensor1D>(now.sub(old).mul(r));
      g = mix(g, grad);
      g2 = mix(g2, grad.square());
      const agreement = g.square().div<tf.Tensor1D>(g2.add(eps));
      mem = mem.mul<tf.Tensor1D>(agreement.neg().add(1)).add(1);
      const step = grad.mul<tf.Tensor1D>(agreement.minimum(lr)).div<tf.Tensor1D>(g2.sqrt().add(eps));
      return [step.neg(), { mem, g, g2 }];
    },
  });
}
