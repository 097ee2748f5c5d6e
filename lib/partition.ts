import { get, mapParams } from './params.js';
import { random } from './random.js';
import type { LearnedOptimizer, Optimizer, Params, Parts } from './types.js';

/**
 * A different optimizer for each group of parameters; §3.3 uses one LSTM for the convolutional layers and another for
 * the fully connected ones. Its state has that of each group by name.
 *
 * Where one of them is learned, so is the whole: φ has the φ of each, every name after its group and a slash, such as
 * `conv/lstm0/kernel`, drawn from different seeds; groups of optimizers without φ stay as they are.
 *
 * @param of the optimizer of each group
 * @param groupOf the group of the parameter `name`
 * @throws at `init` of the optimizer, where `groupOf` names a group that has no optimizer or leaves one without
 *   parameters; at once, where the name of a group has a slash
 */
export function partition(
  of: { readonly [group: string]: Optimizer },
  groupOf: (name: string) => string,
): Optimizer;
export function partition(
  of: { readonly [group: string]: Optimizer | LearnedOptimizer },
  groupOf: (name: string) => string,
): LearnedOptimizer;
export function partition(
  of: { readonly [group: string]: Optimizer | LearnedOptimizer },
  groupOf: (name: string) => string,
): Optimizer | LearnedOptimizer {
  const slash = Object.keys(of).find((group) => group.includes('/'));
  if (slash) throw new Error(`the name of a group must have no slash, got '${slash}'`);
  const fixed = Object.values(of).every((m) => 'update' in m);
  return fixed ? apart({ of: of as Parts<Optimizer>['of'], groupOf }) : learnedApart({ of, groupOf });
}

/** The parameters of one group. */
export const pick = (params: Params, { groupOf }: Parts<unknown>, group: string): Params =>
  Object.fromEntries(Object.entries(params).filter(([name]) => groupOf(name) === group));

/** φ of one group, under its own names. */
export const within = (phi: Params, group: string): Params =>
  Object.fromEntries(
    Object.entries(phi).flatMap(([name, p]) =>
      name.startsWith(`${group}/`) ? [[name.slice(group.length + 1), p]] : [],
    ),
  );

/** The inverse of {@link within}. */
export const under = (group: string, phi: Params): Params =>
  Object.fromEntries(Object.entries(phi).map(([name, p]) => [`${group}/${name}`, p]));

function apart(parts: Parts<Optimizer>): Optimizer {
  const { of, groupOf } = parts;
  const groups = Object.entries(of);
  const update: Optimizer['update'] = (grads, state) => {
    const steps = groups.map(
      ([group, m]) => [group, m.update(pick(grads, parts, group), state[group])] as const,
    );
    const updates: Params = Object.assign({}, ...steps.map(([, [u]]) => u));
    return [
      mapParams(grads, (_, name) => get(updates, name)),
      Object.fromEntries(steps.map(([group, [, next]]) => [group, next])),
    ];
  };
  return {
    init(theta) {
      const names = Object.keys(theta);
      for (const name of names) {
        if (groupOf(name) in of) continue;
        throw new Error(
          `parameter '${name}' is of group '${groupOf(name)}'; there are: ${Object.keys(of).join(', ')}`,
        );
      }
      for (const [group] of groups) {
        if (names.some((name) => groupOf(name) === group)) continue;
        throw new Error(`group '${group}' has no parameter; there are: ${names.join(', ')}`);
      }
      return Object.fromEntries(groups.map(([group, m]) => [group, m.init(pick(theta, parts, group))]));
    },
    update: Object.assign(update, { parts }),
  };
}

function learnedApart(parts: Parts<Optimizer | LearnedOptimizer>): LearnedOptimizer {
  const groups = Object.entries(parts.of);
  const at = (phi: Params) => {
    const of = groups.map(([group, m]) => [group, 'at' in m ? m.at(within(phi, group)) : m] as const);
    return apart({ of: Object.fromEntries(of), groupOf: parts.groupOf });
  };
  return {
    init(seed) {
      const own = (group: string) => random('partition', group, seed).integers(1, 0, 2 ** 31)[0]!;
      const phis = groups.map(([group, m]) => ('at' in m ? under(group, m.init(own(group))) : {}));
      return Object.assign({}, ...phis) as Params;
    },
    at: Object.assign(at, { parts }),
  };
}
