import { mapParams } from './params.js';
import { random } from './random.js';
import type { Loss, OptimizeeFamily } from './types.js';

/**
 * f(c ∘ θ) from θ₀ / c, with a factor c = e^u, u ~ U(−range, range), for every coordinate, drawn anew for every f: what
 * an optimizer learns on such functions depends less on the scale of its gradients (random scaling, Lv et al.,
 * *Learning gradient descent: better generalization and longer horizons*, 2017).
 */
export function randomlyScaled(family: OptimizeeFamily, range: number): OptimizeeFamily {
  return (seed, split = 'train') => {
    const f = family(seed, split);
    const { uniform } = random('scaling', split, seed);
    const factors = mapParams(f.theta0, (theta) => uniform(theta.shape as never, -range, range).exp());
    const { theta0, count, loss } = f;
    const scaled: Loss = (theta, t) =>
      loss(
        mapParams(theta, (x, name) => x.mul(factors[name]!)),
        t,
      );
    return {
      ...(count !== undefined && { count }),
      theta0: mapParams(theta0, (theta, name) => theta.div(factors[name]!)),
      loss: loss.spec ? Object.assign(scaled, { spec: { of: loss.spec, factors } }) : scaled,
    };
  };
}
