import { checkCount } from '../evaluate.js';
import { estimate, type Estimate } from '../statistics.js';
import type { Optimizer } from '../types.js';
import { replay, type SeenGradients } from './replay.js';

export interface MemoryOptions {
  /** The steps t₀ at which a gradient is larger; one to six eighths of the way, without. */
  at?: readonly number[];
  /** How long the answer is watched: lag 0 … `lags`. */
  lags?: number;
  /** How much larger, in units of the coordinate's root mean square gradient: one typical gradient more, without. */
  extra?: number;
}

/**
 * How an optimizer answers one gradient, and for how long: the updates for the same gradients, but for an extra at
 * t₀, minus those without it, over the extra. By lag t − t₀, the mean over the coordinates and the t₀, in units of θ for
 * one more typical (root mean square) gradient; the error is that over coordinates. A descent answers with a minus sign.
 *
 * Nothing is fed back: both see the trajectory's gradients. For gradient descent the answer is −lr, 0, 0, …; for momentum
 * β it is −lr, −lr β, −lr β², ….
 *
 * @throws where t₀ + lags lies beyond the trajectory, or the optimizer is not coordinatewise
 */
export function memory(optimizer: Optimizer, seen: SeenGradients, options: MemoryOptions = {}): Estimate[] {
  const { coordinates, gradients } = seen;
  const steps = gradients[0]?.length ?? 0;
  const { at = [1, 2, 3, 4, 5, 6].map((eighth) => Math.floor((eighth * steps) / 8)), extra = 1 } = options;
  const { lags = steps - 1 - Math.max(...at) } = options;
  checkCount({ lags });
  const beyond = at.find((t0) => !(Number.isInteger(t0) && t0 >= 0 && t0 + lags < steps));
  if (beyond !== undefined) {
    throw new Error(
      `step ${beyond} and ${lags} lags do not lie within the trajectory's ${steps} steps: take fewer`,
    );
  }
  const typical = gradients.map((g) => Math.sqrt(g.reduce((sum, x) => sum + x * x, 0) / g.length));
  const plain = replay(optimizer, seen);
  const differences = at.map((t0) => {
    const larger = gradients.map((g, c) => g.map((x, t) => (t === t0 ? x + extra * typical[c]! : x)));
    const answer = replay(optimizer, { coordinates, gradients: larger });
    return (c: number, lag: number) => (answer[c]![t0 + lag]! - plain[c]![t0 + lag]!) / extra;
  });
  return Array.from({ length: lags + 1 }, (_, lag) =>
    estimate(gradients.map((_, c) => estimate(differences.map((of) => of(c, lag))).mean)),
  );
}

/**
 * Steps until the size of an answer has fallen to half of its largest for good, between two lags on a straight line: 0.5
 * for gradient descent, 6.6 for momentum 0.9. Infinity where it does not fall so far within the lags.
 */
export function halfLife(answer: readonly { readonly mean: number }[]): number {
  const sizes = answer.map(({ mean }) => Math.abs(mean));
  const half = Math.max(...sizes) / 2;
  if (!(half > 0)) return NaN;
  const last = sizes.reduce((latest, size, lag) => (size > half ? lag : latest), 0);
  const [above, below] = [sizes[last]!, sizes[last + 1]];
  return below === undefined ? Infinity : last + (above - half) / (above - below);
}

/**
 * Which share of an answer comes after the step of the gradient itself, in the direction of the first: 0 for gradient
 * descent, β for momentum β, negative where it is taken back; from −1 to 1.
 */
export function carriedOn(answer: readonly { readonly mean: number }[]): number {
  const [first = 0, ...later] = answer.map(({ mean }) => mean);
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  return (Math.sign(first) * sum(later)) / sum([first, ...later].map(Math.abs));
}
