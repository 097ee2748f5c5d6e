import type * as tf from '@tensorflow/tfjs';
import { mapLeaves, ravel, size, unravel } from './params.js';
import type { Optimizer, State } from './types.js';

/**
 * An update rule for n coordinates at once: row i of the update depends on row i of the gradient and of the state alone.
 * State tensors have the coordinate as their first axis, [n] or [n, k]; scalars and numbers are shared.
 */
export interface Rule<S extends State> {
  init(n: number): S;
  update(grad: tf.Tensor1D, state: S): [update: tf.Tensor1D, state: S];
}

/** Applies one rule to every coordinate of θ, whatever its names and shapes (§2.1, Fig. 3). */
export function coordinatewise<S extends State>(rule: Rule<S>): Optimizer<S> {
  return {
    init: (theta) => rule.init(size(theta)),
    update(grads, state) {
      const [update, next] = rule.update(ravel(grads), state);
      return [unravel(update, grads), next];
    },
    rows: (state, rows) =>
      mapLeaves(state, (x) => (typeof x === 'number' || x.rank === 0 ? x : x.gather(rows))),
  };
}
