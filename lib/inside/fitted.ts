import { mapParams } from '../params.js';
import type { Optimizer, State } from '../types.js';
import type { Fit } from './nearestRule.js';
import { ruleFamilies } from './rules.js';

/**
 * A fitted rule as an optimizer, which runs by itself: with the fit's decays and its learning rate of each step; behind
 * the last one, that one.
 *
 * @throws where no family has the rule's name
 */
export function fitted({ rule, decays, schedule }: Fit, rules = ruleFamilies): Optimizer<FittedState> {
  const family = Object.hasOwn(rules, rule) && rules[rule];
  if (!family) throw new Error(`unknown rule '${rule}'; there are: ${Object.keys(rules).join(', ')}`);
  const m = family.at(decays, 1);
  return {
    init: (theta) => ({ t: 0, of: m.init(theta) as State }),
    update(grads, { t, of }) {
      const [updates, next] = m.update(grads, of);
      const lr = schedule[Math.min(t, schedule.length - 1)]!;
      return [mapParams(updates, (u) => u.mul(lr)), { t: t + 1, of: next as State }];
    },
    rows: ({ t, of }, rows) => ({ t, of: m.rows!(of, rows) as State }),
  };
}

type FittedState = { t: number; of: State };
