import * as tf from '@tensorflow/tfjs';
import { checkCount } from '../evaluate.js';
import { get, tidy } from '../params.js';
import type { Optimizer } from '../types.js';
import { replay, type SeenGradients } from './replay.js';

/** What optimizers would do to one coordinate, for any gradient that it might have seen at a step. */
export interface Proposals {
  /** Name of the coordinate. */
  readonly coordinate: string;
  /** The gradients that were asked for, rising: [k]. */
  readonly grid: readonly number[];
  /** The gradients that it did see: [t]. */
  readonly seen: readonly number[];
  /** [t][k], by the optimizer's name. */
  readonly updates: { readonly [optimizer: string]: readonly (readonly number[])[] };
}

export interface ProposalOptions {
  /** Which of the trajectory's coordinates. */
  coordinate?: number;
  /** The first so many steps. */
  steps?: number;
  /** Number of gradients asked for, evenly from −`reach` to `reach`. */
  points?: number;
  /** The largest gradient that the coordinate sees in these steps, without. */
  reach?: number;
}

/**
 * Figs. 11–13: the update that each optimizer would propose for one coordinate, were ∇_t another number, while everything
 * before step t was as it was.
 *
 * The grid is asked for at once: the state of one coordinate is repeated for every number of it.
 *
 * @throws where the trajectory has no such coordinate or fewer steps, or an optimizer is not coordinatewise
 */
export function proposedUpdates(
  optimizers: { readonly [name: string]: Optimizer },
  { coordinates, gradients }: SeenGradients,
  { coordinate = 0, steps = 32, points = 41, reach }: ProposalOptions = {},
): Proposals {
  checkCount({ steps, points });
  const [place, whole] = [coordinates[coordinate], gradients[coordinate]];
  if (!place || !whole) {
    throw new Error(`the trajectory has ${coordinates.length} coordinates; there is no ${coordinate}`);
  }
  if (whole.length < steps) throw new Error(`the trajectory has ${whole.length} steps, fewer than ${steps}`);
  const seen = whole.slice(0, steps);
  const most = reach ?? Math.max(...seen.map(Math.abs));
  const grid = Array.from({ length: points }, (_, k) => most * (points > 1 ? (2 * k) / (points - 1) - 1 : 0));
  const answers = (optimizer: Optimizer): number[][] => {
    const asked: number[][] = [];
    replay(optimizer, { coordinates: [place], gradients: [seen] }, ({ m, state }) => {
      const updates = tidy(() => {
        const repeated = m.rows!(state, tf.zeros<tf.Rank.R1>([points], 'int32'));
        return Array.from(get(m.update({ x: tf.tensor1d(grid) }, repeated)[0], 'x').dataSync());
      });
      asked.push(updates);
    });
    return asked;
  };
  const updates = Object.entries(optimizers).map(([name, m]) => [name, answers(m)]);
  return { coordinate: place.name, grid, seen, updates: Object.fromEntries(updates) };
}
