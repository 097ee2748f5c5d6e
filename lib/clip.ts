import { mapParams, ravel } from './params.js';
import type { Optimizer, State } from './types.js';

/**
 * `optimizer` with its gradient scaled down to the Euclidean norm `norm` where it is longer.
 *
 * Meta-gradients have rare spikes of a thousand times their median, which stay for hundreds of updates in the second
 * moment of an outer ADAM (Pascanu et al., *On the difficulty of training recurrent neural networks*, 2013).
 */
export function clip<S extends State>(optimizer: Optimizer<S>, norm: number): Optimizer<S> {
  return {
    init: optimizer.init,
    update(grads, state) {
      const factor = ravel(grads).norm().div(norm).maximum(1).reciprocal();
      return optimizer.update(mapParams(grads, (g) => g.mul(factor)), state); // prettier-ignore
    },
  };
}
