import { replay, type SeenGradients } from './replay.js';
import { ruleFamilies as known, type Decays, type RuleFamily } from './rules.js';

/** The best member of a kind of rules, and how much of an optimizer's updates it leaves unexplained. */
export interface Fit {
  readonly rule: string;
  readonly decays: Decays;
  /** The learning rate of the least squares. */
  readonly lr: number;
  /** Σ (update − the rule's)² / Σ update², over coordinates and steps: 0 the same, 1 nothing in common. */
  readonly unexplained: number;
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
  rules: { readonly [name: string]: RuleFamily } = known,
): Fit[] {
  const own = updates.flat();
  const size = dot(own, own);
  if (!(size > 0)) throw new Error('all updates are zero: there is nothing to explain');
  const fits = Object.entries(rules).map(([rule, { decays, at }]) => {
    const members = decays.map((choice): Fit => {
      const unit = replay(at(choice, 1), seen).flat();
      const lr = dot(own, unit) / (dot(unit, unit) || 1);
      const left = own.reduce((sum, update, i) => sum + (update - lr * unit[i]!) ** 2, 0);
      return { rule, decays: choice, lr, unexplained: left / size };
    });
    if (members.length === 0) throw new Error(`the rule '${rule}' has no decays to try: give it at least {}`);
    return members.reduce((a, b) => (b.unexplained < a.unexplained ? b : a));
  });
  return fits.sort((a, b) => a.unexplained - b.unexplained);
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, i) => sum + x * b[i]!, 0);
