import { replay, type SeenGradients } from './replay.js';
import { ruleFamilies, type Decays, type RuleFamily } from './rules.js';

/** The best member of a kind of rules, and how much of an optimizer's updates it leaves unexplained. */
export interface Fit {
  readonly rule: string;
  readonly decays: Decays;
  /** The learning rate of the least squares; where it may change, the one for all steps together. */
  readonly lr: number;
  /** The learning rate of each step: `lr`, or where it may change, the best of that step. */
  readonly schedule: readonly number[];
  /**
   * Σ (update − the rule's)² / Σ update², over coordinates and steps: 0 the same, 1 nothing in common. Where the learning
   * rate may change, the mean over the steps of each one's own share, so that large steps do not outweigh the others.
   */
  readonly unexplained: number;
}

export interface NearestOptions {
  rules?: { readonly [name: string]: RuleFamily };
  /** The learning rate may be another at every step, the same for all coordinates. */
  scheduled?: boolean;
}

/**
 * Which hand-written rule is nearest to an optimizer: each sees the same gradients, its learning rate is the one of the
 * least squares, its decays the best of those tried. The nearest comes first.
 *
 * @param updates the optimizer's own, [coordinate][t], as from {@link replay}
 * @throws where a rule has no member, or all updates are zero
 */
export function nearestRule(
  updates: readonly (readonly number[])[],
  seen: SeenGradients,
  { rules = ruleFamilies, scheduled = false }: NearestOptions = {},
): Fit[] {
  const own = byStep(updates);
  const size = squares(own.flat());
  if (!(size > 0)) throw new Error('all updates are zero: there is nothing to explain');
  const fits = Object.entries(rules).map(([rule, { decays, at }]) => {
    const members = decays.map((choice): Fit => {
      const unit = byStep(replay(at(choice, 1), seen));
      const lr = leastSquares(own.flat(), unit.flat());
      const schedule = own.map((g, t) => (scheduled ? leastSquares(g, unit[t]!) : lr));
      const left = own.map((g, t) => squares(g.map((update, c) => update - schedule[t]! * unit[t]![c]!)));
      const shares = own.map((g, t) => left[t]! / (squares(g) || 1));
      const unexplained = scheduled ? sum(shares) / shares.length : sum(left) / size;
      return { rule, decays: choice, lr, schedule, unexplained };
    });
    if (members.length === 0) throw new Error(`the rule '${rule}' has no decays to try: give it at least {}`);
    return members.reduce((a, b) => (b.unexplained < a.unexplained ? b : a));
  });
  return fits.sort((a, b) => a.unexplained - b.unexplained);
}

/** [coordinate][t] as [t][coordinate]. */
const byStep = (updates: readonly (readonly number[])[]): number[][] =>
  (updates[0] ?? []).map((_, t) => updates.map((g) => g[t]!));

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, i) => sum + x * b[i]!, 0);

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const squares = (values: readonly number[]): number => dot(values, values);

/** The factor of b that comes nearest to a; 0 where b is zero. */
const leastSquares = (a: readonly number[], b: readonly number[]): number => dot(a, b) / (squares(b) || 1);
