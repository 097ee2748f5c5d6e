import type { Optimizee, Optimizer } from '../types.js';
import { replay } from './replay.js';
import { trajectory, type Trajectory, type TrajectoryOptions } from './trajectory.js';

/** A trajectory, and what every optimizer proposed on it: [coordinate][t], by its name in a figure. */
export interface History extends Trajectory {
  readonly updates: { readonly [optimizer: string]: readonly (readonly number[])[] };
}

export interface HistoryOptions extends TrajectoryOptions {
  /** The optimizer that moves θ; the first without. */
  leader?: string;
}

/**
 * Fig. 10: one optimizer runs, the others watch. All see the gradients at its iterates, and what each would do next is
 * recorded; only the leader's updates are carried out.
 *
 * @throws where no optimizer has the leader's name, or a watcher is not coordinatewise
 */
export function updateHistory(
  optimizers: { readonly [name: string]: Optimizer },
  f: Optimizee,
  { leader = Object.keys(optimizers)[0] ?? '', ...options }: HistoryOptions = {},
): History {
  const leading = Object.hasOwn(optimizers, leader) && optimizers[leader];
  if (!leading) {
    throw new Error(`no optimizer '${leader}' to lead; there are: ${Object.keys(optimizers).join(', ')}`);
  }
  const seen = trajectory(leading, f, options);
  const proposals = Object.entries(optimizers).map(([name, m]) => [name, replay(m, seen)]);
  return { ...seen, updates: Object.fromEntries(proposals) };
}
