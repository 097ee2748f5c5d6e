import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadParams, type Metadata } from '../checkpoint.js';
import { dataFolder } from '../data.js';
import { release, tidy } from '../params.js';
import type { LearnedOptimizer, Params, State } from '../types.js';
import type { Experiment } from './experiment.js';

type Shipped = Pick<Experiment, 'name'> & { readonly learned: Pick<LearnedOptimizer, 'init'> };

/** Where an experiment's φ lies that was trained with this seed; seed 1 has no number in its name. */
export const shippedPath = (name: string, seed = 1): string =>
  join(dataFolder(), 'checkpoints', seed === 1 ? `${name}.safetensors` : `${name}-seed-${seed}.safetensors`);

/** What trains an experiment's φ with this seed. */
export const trainCommand = (name: string, seed = 1): string =>
  `npm run train -- ${name}` + (seed === 1 ? '' : ` --seed ${seed}`);

/**
 * The φ shipped with an experiment, or the one of another meta-seed, and what its checkpoint says of itself. The caller
 * disposes it.
 *
 * @throws where there is none, or it does not fit the experiment's optimizer
 */
export function shippedPhi({ name, learned }: Shipped, seed = 1): { phi: Params; metadata: Metadata } {
  const path = shippedPath(name, seed);
  if (!existsSync(path)) throw new Error(`no trained φ at ${path}: run ${trainCommand(name, seed)}`);
  const like = tidy(() => learned.init(0));
  try {
    const { params, metadata } = loadParams(path, like);
    return { phi: params, metadata };
  } finally {
    release(like as State);
  }
}

/** SHA-256 of that file; 'none' where there is none. */
export const shippedHash = ({ name }: Pick<Experiment, 'name'>, seed = 1): string =>
  fileHash(shippedPath(name, seed));

/** SHA-256 of a file; 'none' where there is none. */
export const fileHash = (path: string): string =>
  existsSync(path) ? createHash('sha256').update(readFileSync(path)).digest('hex') : 'none';

/** The meta-seed whose φ was best on validation, by the library's one criterion. */
export function bestSeed(experiment: Shipped, seeds: readonly number[]): number {
  const validations = seeds.map((seed) => {
    const { phi, metadata } = shippedPhi(experiment, seed);
    release(phi as State);
    return Number(metadata.validation);
  });
  return seeds[validations.indexOf(Math.min(...validations))]!;
}
