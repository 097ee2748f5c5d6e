import { get, mapParams } from './params.js';
import type { Optimizer, Params } from './types.js';

/**
 * A different optimizer for each group of parameters; §3.3 uses one LSTM for the convolutional layers and another for
 * the fully connected ones.
 *
 * @param optimizers the optimizer of each group
 * @param groupOf the group of the parameter `name`
 * @throws at `init`, where `groupOf` names a group that has no optimizer
 */
export function partition(
  optimizers: { readonly [group: string]: Optimizer },
  groupOf: (name: string) => string,
): Optimizer {
  const groups = Object.entries(optimizers);
  const pick = (params: Params, group: string): Params =>
    Object.fromEntries(Object.entries(params).filter(([name]) => groupOf(name) === group));
  return {
    init(theta) {
      for (const name of Object.keys(theta)) {
        if (groupOf(name) in optimizers) continue;
        throw new Error(
          `parameter '${name}' is of group '${groupOf(name)}'; there are: ${Object.keys(optimizers).join(', ')}`,
        );
      }
      return Object.fromEntries(groups.map(([group, m]) => [group, m.init(pick(theta, group))]));
    },
    update(grads, state) {
      const steps = groups.map(([group, m]) => [group, m.update(pick(grads, group), state[group])] as const);
      const updates: Params = Object.assign({}, ...steps.map(([, [u]]) => u));
      return [
        mapParams(grads, (_, name) => get(updates, name)),
        Object.fromEntries(steps.map(([group, [, next]]) => [group, next])),
      ];
    },
  };
}
