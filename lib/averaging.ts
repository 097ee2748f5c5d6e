import * as tf from '@tensorflow/tfjs';
import { add, mapParams } from './params.js';
import type { Optimizer, Params, State } from './types.js';

/**
 * `optimizer`, which also keeps the running mean of its θ: of every step so far, the newest with weight 1 − `decay`,
 * each older one with `decay` times the weight of the next. Its own steps stay as they are.
 *
 * The mean lies nearer to a minimum than the steps that jump about it (Polyak & Juditsky, *Acceleration of stochastic
 * approximation by averaging*, 1992).
 */
export function averaging<S extends State>(
  optimizer: Optimizer<S>,
  decay: number,
): Optimizer<{ inner: S; ahead: Params }> {
  return {
    init: (theta) => ({ inner: optimizer.init(theta), ahead: mapParams(theta, (x) => tf.zerosLike(x)) }),
    // mean − θ is carried on, since an update does not see θ: mean' − θ' = decay · mean + (1 − decay) θ' − θ', θ' = θ + g
    update(grads, { inner, ahead }) {
      const [updates, next] = optimizer.update(grads, inner);
      return [
        updates,
        { inner: next, ahead: mapParams(ahead, (x, name) => x.sub(updates[name]!).mul(decay)) },
      ];
    },
    average: (theta, { ahead }) => add(theta, ahead),
  };
}
