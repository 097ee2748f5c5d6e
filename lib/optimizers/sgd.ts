import { coordinatewise } from '../coordinatewise.js';
import type { Optimizer } from '../types.js';

/** Gradient descent without momentum: g_t = −lr ∇_t. */
export function sgd({ lr = 0.01 } = {}): Optimizer {
  return coordinatewise({ init: () => ({}), update: (grad, state) => [grad.mul(-lr), state] });
}
