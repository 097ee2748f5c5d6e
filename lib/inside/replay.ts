import * as tf from '@tensorflow/tfjs';
import { get, release, tidy } from '../params.js';
import type { Optimizer, State } from '../types.js';
import type { Coordinate, Trajectory } from './trajectory.js';

/** What a trajectory's gradients are, without its losses. */
export type SeenGradients = Pick<Trajectory, 'coordinates' | 'gradients'>;

/** An optimizer in the middle of a replay: before step t, with the state of the coordinates `members` alone. */
export interface Moment {
  readonly m: Optimizer;
  readonly state: State;
  readonly t: number;
  /** Their places in the trajectory, in the order of the state's rows. */
  readonly members: readonly number[];
}

/**
 * The updates that an optimizer proposes where it sees these gradients, whoever moves θ: [coordinate][t].
 *
 * No coordinate of a coordinatewise optimizer depends on another (§2.1, Fig. 3), so that the few of the trajectory are
 * enough; of a `partition`, each goes to the optimizer of its group.
 *
 * @param look is called before every step
 * @throws where the optimizer is not coordinatewise
 */
export function replay(
  optimizer: Optimizer,
  { coordinates, gradients }: SeenGradients,
  look?: (moment: Moment) => void,
): number[][] {
  const updates = gradients.map((): number[] => []);
  const steps = gradients[0]?.length ?? 0;
  for (const [m, members] of owners(optimizer, coordinates)) {
    let state: State = tidy(() => m.init({ x: tf.zeros([members.length]) }));
    try {
      for (let t = 0; t < steps; t++) {
        look?.({ m, state, t, members });
        const now = members.map((c) => gradients[c]![t]!);
        const [update, next] = tidy(() => m.update({ x: tf.tensor1d(now) }, state));
        const x = get(update, 'x');
        x.dataSync().forEach((value, row) => updates[members[row]!]!.push(value));
        release(update as State, next as State);
        release(state, next as State);
        state = next as State;
      }
    } finally {
      release(state);
    }
  }
  return updates;
}

/** Every optimizer that has some of these coordinates, with their places in the list. */
function owners(optimizer: Optimizer, coordinates: readonly Coordinate[]): Map<Optimizer, number[]> {
  const groups = new Map<Optimizer, number[]>();
  coordinates.forEach(({ parameter }, place) => {
    const m = ownerOf(optimizer, parameter);
    groups.set(m, [...(groups.get(m) ?? []), place]);
  });
  return groups;
}

function ownerOf(optimizer: Optimizer, parameter: string): Optimizer {
  const { parts } = optimizer.update;
  if (parts) {
    const group = parts.groupOf(parameter);
    const part = parts.of[group];
    if (!part) throw new Error(`no optimizer for the group '${group}' of the parameter '${parameter}'`);
    return ownerOf(part, parameter);
  }
  if (!optimizer.rows) {
    throw new Error(
      'only a coordinatewise optimizer can be asked about some coordinates alone: this one has no rows()',
    );
  }
  return optimizer;
}
