import * as tf from '@tensorflow/tfjs';
import { loadParams, saveParams, type Metadata } from './checkpoint.js';
import { get, leaves, mapLeaves, release, tidy } from './params.js';
import type { LearnedOptimizer, Optimizer, Params, State } from './types.js';

/** Where a meta-training stands after `episode` episodes: all that is needed to go on to the same bits. */
export type Training = {
  phi: Params;
  /** State of the optimizer that trains φ. */
  outer: State;
  /** The φ that was best on validation; the newest φ before the first validation. */
  best: Params;
  episode: number;
  /** Mean of f(θ_1) … f(θ_T) of every episode. */
  losses: number[];
  /** {@link finalLoss} on the validation split after so many episodes. */
  validations: Validation[];
};

export type Validation = { episode: number; loss: number };

/** Before the first episode. */
export function untrained(learned: Pick<LearnedOptimizer, 'init'>, outer: Optimizer, seed: number): Training {
  return tidy(() => {
    const phi = learned.init(seed);
    return { phi, outer: outer.init(phi), best: phi, episode: 0, losses: [], validations: [] };
  });
}

/** The lowest validation so far, the first of equals; undefined before the first. */
export function bestValidation(validations: readonly Validation[]): Validation | undefined {
  return validations.reduce<Validation | undefined>((a, b) => (a && a.loss <= b.loss ? a : b), undefined);
}

/** Episodes since the best validation; 0 before the first. */
export function stalledFor(validations: readonly Validation[]): number {
  return (validations.at(-1)?.episode ?? 0) - (bestValidation(validations)?.episode ?? 0);
}

/**
 * `lr`, halved whenever another `halveAfter` episodes have brought no better validation.
 *
 * @param warmUp validations until the rate is full; before, it rises in as many equal steps
 */
export function fallingRate(
  lr: number,
  halveAfter: number,
  validations: readonly Validation[],
  warmUp = 0,
): number {
  let best = Infinity;
  let mark = 0; // episode of the last improvement or halving
  for (const { episode, loss } of validations) {
    const stalled = loss >= best && episode - mark >= halveAfter;
    if (loss < best || stalled) mark = episode;
    if (stalled) lr /= 2;
    best = Math.min(best, loss);
  }
  return lr * Math.min(1, (validations.length + 1) / (warmUp + 1));
}

/** The newest loss and the validations in a few words. */
export function summary({ losses, validations }: Training): string {
  const best = bestValidation(validations);
  const words = best && [
    `validation ${validations.at(-1)!.loss.toPrecision(3)}`,
    `best ${best.loss.toPrecision(3)} after ${best.episode}`,
  ];
  return [`loss ${losses.at(-1)?.toPrecision(3)}`, ...(words ?? [])].join(', ');
}

/** Writes the whole state, so that {@link loadTraining} goes on from it to the same bits. */
export async function saveTraining(path: string, training: Training, metadata: Metadata = {}): Promise<void> {
  const { phi, outer, best, ...numbers } = training;
  const all = leaves({ phi, outer, best } as State);
  const tensors = all.filter((leaf): leaf is [string, tf.Tensor] => leaf[1] instanceof tf.Tensor);
  const counters = all.filter(([, leaf]) => typeof leaf === 'number');
  const said = { ...metadata, training: numbers, counters: Object.fromEntries(counters) };
  await saveParams(path, Object.fromEntries(tensors), said);
}

/**
 * Reads what {@link saveTraining} wrote, for the same learned optimizer and the same kind of outer optimizer.
 *
 * @throws as `loadParams`, also where the state belongs to another architecture
 */
export function loadTraining(
  path: string,
  learned: Pick<LearnedOptimizer, 'init'>,
  outer: Optimizer,
): { training: Training; metadata: Metadata } {
  const start = untrained(learned, outer, 0);
  const { phi, outer: h, best } = start;
  const nest = { phi, outer: h, best } as State;
  const like = leaves(nest).filter((leaf): leaf is [string, tf.Tensor] => leaf[1] instanceof tf.Tensor);
  try {
    const { params, metadata } = loadParams(path, Object.fromEntries(like));
    const {
      training: numbers,
      counters,
      ...said
    } = metadata as {
      training: Pick<Training, 'episode' | 'losses' | 'validations'>;
      counters: { [path: string]: number };
    };
    const tensors = mapLeaves(nest, (leaf, path) =>
      typeof leaf === 'number' ? counters[path]! : get(params, path),
    );
    return {
      training: { ...(tensors as Pick<Training, 'phi' | 'outer' | 'best'>), ...numbers },
      metadata: said,
    };
  } finally {
    release(nest);
  }
}
