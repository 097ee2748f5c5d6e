import { existsSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { saveParams, writeWhole, type Metadata } from '../checkpoint.js';
import { dataFolder } from '../data.js';
import { metaTrain } from '../metatrain.js';
import { release } from '../params.js';
import type { Watch } from '../progress.js';
import { madeBy } from '../madeby.js';
import { hashOf } from '../results.js';
import { bestValidation, loadTraining, saveTraining, type Training } from '../training.js';
import type { Params, State } from '../types.js';
import type { Experiment } from './experiment.js';
import { experiment } from './index.js';
import { shippedPath, shippedPhi } from './shipped.js';

export interface TrainOptions extends Watch {
  /** Goes on from the unfinished training of the same settings; starts anew without. */
  resume?: boolean;
  /** Other than the experiment's own: a training for yourself, whose φ is kept apart from the shipped one. */
  seed?: number | undefined;
  episodes?: number;
  /** Recorded in the checkpoint. */
  command?: string;
}

/**
 * Meta-trains an experiment's optimizer. The state is kept in `data/training/` at least every minute.
 *
 * @returns the φ that was best on validation (the caller disposes it), the course of the training, and what a
 *   checkpoint says of it; `finish` removes the state
 * @throws where `resume` finds a state of other settings; as `metaTrain`, with the state kept
 */
export async function train(
  experiment: Experiment,
  { resume = false, seed, episodes, command = '', ...watch }: TrainOptions = {},
) {
  const { name, learned, outer, trainFamily, dataHash } = experiment;
  const settings = changed(experiment.settings, seed, episodes);
  const file = fileName(experiment, settings);
  const state = join(dataFolder(), 'training', file);
  const described = { experiment: name, settings, data: dataHash(), made: madeBy(), command };

  const before = resume && existsSync(state) ? loadTraining(state, learned, outer([])) : undefined;
  if (before && trainingHash(before.metadata.settings as object) !== trainingHash(settings)) {
    throw new Error(
      `${state} was made with other settings: train without --resume, or take the old settings back`,
    );
  }
  const {
    phi,
    outer: h,
    best,
    ...course
  } = await metaTrain(learned, trainFamily(), {
    ...settings.train,
    steps: settings.steps,
    seed: settings.seed,
    outer,
    resume: before?.training,
    save: (now) => saveTraining(state, now, described),
    ...watch,
  });
  release({ phi, h } as State, best);
  const { episode, loss } = bestValidation(course.validations)!;
  const metadata = { ...described, episodes: episode, validation: loss };
  return { phi: best, course, metadata, file, finish: () => rmSync(state, { force: true }) };
}

/** Hash of the settings that a φ depends on: how the baselines are tuned makes none. */
export const trainingHash = (settings: object): string => hashOf({ ...settings, tune: undefined });

type Lengths = { readonly seed: number; readonly train: { readonly episodes: number } };

/** The settings with another seed or number of episodes, where one is given. */
export const changed = <S extends Lengths>(settings: S, seed?: number, episodes?: number): S => ({
  ...settings,
  seed: seed ?? settings.seed,
  train: { ...settings.train, episodes: episodes ?? settings.train.episodes },
});

/** A training of another length is kept apart from the shipped ones. */
export const fileName = ({ name, settings }: { name: string; settings: Lengths }, used: Lengths): string =>
  used.train.episodes === settings.train.episodes
    ? basename(shippedPath(name, used.seed))
    : `${name}-${hashOf(used).slice(0, 8)}.safetensors`;

/**
 * {@link train}, and the best φ written to `data/checkpoints/`, beside it the course of the training as JSON. Returns
 * the path of φ.
 */
export async function trainExperiment(name: string, options: TrainOptions = {}): Promise<string> {
  const trained = await train(experiment(name), options);
  return await ship(trained, trained.course);
}

/** Writes a trained φ to `data/checkpoints/`, before it the course where one is given; returns the path. */
export async function ship(
  { phi, metadata, file, finish }: { phi: Params; metadata: Metadata; file: string; finish(): void },
  course?: Course,
): Promise<string> {
  const path = join(dataFolder(), 'checkpoints', file);
  if (course) writeWhole(coursePath(path), JSON.stringify(shortened(course)) + '\n');
  await saveParams(path, phi, metadata);
  release(phi as State);
  finish();
  return path;
}

/**
 * The shipped φ (of another meta-seed, where one is given), or with `again` one trained now from the same settings
 * (`--full`); the state is kept meanwhile.
 */
export async function trainedPhi(
  experiment: Experiment,
  { again = false, seed, ...watch }: Watch & { again?: boolean; seed?: number } = {},
): Promise<Params> {
  if (!again) return shippedPhi(experiment, seed).phi;
  const { phi, finish } = await train(experiment, { resume: true, seed, ...watch });
  finish();
  return phi;
}

/** The course of a training: mean loss of every episode, and the validations. */
export type Course = Pick<Training, 'losses' | 'validations'>;

/** Where the course of the training lies that made the φ at `path`. */
export const coursePath = (path: string): string => path.replace(/safetensors$/, 'course.json');

/**
 * The validations of the φ that is shipped with a meta-seed, one value an episode (the newest one), from the first on:
 * a line for `lossCurves`. Throws where there is no course.
 */
export function validationCurve(name: string, seed = 1): number[] {
  const text = readFileSync(coursePath(shippedPath(name, seed)), 'utf8');
  const { validations } = JSON.parse(text) as Course;
  return validations.flatMap(({ episode, loss }, i) =>
    Array<number>(episode - (validations[i - 1]?.episode ?? -1)).fill(loss),
  );
}

/** Six digits are enough for a curve. */
const shortened = ({ losses, validations }: Course): Course => ({
  losses: losses.map((loss) => Number(loss.toPrecision(6))),
  validations,
});
