import * as tf from '@tensorflow/tfjs';
import { unroll } from '../engine/index.js';
import { checkCount } from '../evaluate.js';
import { ravel, size, tidy } from '../params.js';
import { random } from '../random.js';
import type { Optimizee, Optimizer, Params } from '../types.js';
import { start } from '../unroll.js';

/** One number of θ. */
export interface Coordinate {
  /** The tensor that holds it, such as `dense0/kernel`. */
  readonly parameter: string;
  /** With its place there, such as `dense0/kernel[405, 3]`. */
  readonly name: string;
}

/** One optimization, as some coordinates of θ saw it; plain numbers. */
export interface Trajectory {
  /** f(θ_t) / count, t = 0 … steps. */
  readonly losses: readonly number[];
  readonly coordinates: readonly Coordinate[];
  /** ∇_t of each, t = 0 … steps − 1: [coordinate][t]. */
  readonly gradients: readonly (readonly number[])[];
}

export interface TrajectoryOptions {
  steps?: number;
  /**
   * Which coordinates are looked at: their places among all of θ in the order of its names; or how many, drawn from
   * those whose gradient is never zero (the corners of MNIST's pictures are black in every minibatch).
   */
  coordinates?: number | readonly number[];
  /** Draws the coordinates. */
  seed?: number;
}

/**
 * Lets `optimizer` run on f, and records what some coordinates saw.
 *
 * @throws where a coordinate is not one of θ's, or there are fewer with a gradient than asked for
 */
export function trajectory(
  optimizer: Optimizer,
  f: Optimizee,
  { steps = 100, coordinates = 2, seed = 0 }: TrajectoryOptions = {},
): Trajectory {
  checkCount({ steps });
  return tidy(() => {
    const { losses, grads, count } = unroll(optimizer, f, start(optimizer, f), steps);
    const all = tf.stack(grads.slice(0, steps).map(ravel), 1) as tf.Tensor2D; // [n, steps]
    const places = typeof coordinates === 'number' ? drawn(all, coordinates, seed) : [...coordinates];
    const named = places.map((place) => coordinateAt(f.theta0, place));
    return {
      losses: Array.from(tf.stack(losses).div(count).dataSync()),
      coordinates: named,
      gradients: all.gather(tf.tensor1d(places, 'int32')).arraySync() as number[][],
    };
  });
}

/** A coordinate by its place among all of θ in the order of the names. Throws where there is none. */
export function coordinateAt(theta: Params, place: number): Coordinate {
  let left = place;
  for (const [parameter, { shape, size: n }] of Object.entries(theta)) {
    if (left >= n) {
      left -= n;
      continue;
    }
    if (!(Number.isInteger(place) && place >= 0)) break;
    const index: number[] = [];
    for (const side of [...shape].reverse()) {
      index.unshift(left % side);
      left = Math.floor(left / side);
    }
    return { parameter, name: index.length ? `${parameter}[${index.join(', ')}]` : parameter };
  }
  throw new Error(`θ has the coordinates 0 … ${size(theta) - 1}; there is no ${place}`);
}

/** Without replacement, in a random order: the first few are as good a sample. */
function drawn(gradients: tf.Tensor2D, count: number, seed: number): number[] {
  checkCount({ coordinates: count });
  const smallest = gradients.abs().min(1).dataSync();
  const alive = Array.from(smallest.keys()).filter((place) => smallest[place]! > 0);
  if (alive.length < count) {
    throw new Error(
      `${count} coordinates were asked for, but only ${alive.length} have a gradient at every step: ask for fewer, or name them`,
    );
  }
  const { uniform } = random('coordinates', seed).one;
  const lots = alive.map((place) => ({ place, lot: uniform() })).sort((a, b) => a.lot - b.lot);
  return lots.slice(0, count).map(({ place }) => place);
}
