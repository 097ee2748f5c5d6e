import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { dataFolder } from '../data.js';
import type { StreamFamily } from '../datasets/xorGaussians.js';
import type { Learner } from '../learners/cellState.js';
import { watch } from '../learners/evaluate.js';
import { metaTrainLearner } from '../learners/metatrain.js';
import { learning } from '../learners/optimizee.js';
import { madeBy } from '../madeby.js';
import { release } from '../params.js';
import type { Watch } from '../progress.js';
import { hashOf } from '../results.js';
import { bestValidation, loadTraining, saveTraining } from '../training.js';
import type { Optimizer, Params, State } from '../types.js';
import type { Claim } from './claims.js';
import { shippedPhi } from './shipped.js';
import { changed, fileName, ship, type TrainOptions } from './train.js';

/** An experiment on a learner, which sees streams of examples where an `Experiment`'s optimizer sees gradients. */
export interface StreamExperiment<Result> {
  readonly name: string;
  readonly settings: {
    readonly seed: number;
    readonly train: {
      readonly episodes: number;
      readonly batch: number;
      readonly validateEvery: number;
      readonly validationSets: number;
      readonly [setting: string]: unknown;
    };
    readonly [setting: string]: unknown;
  };
  readonly learned: Learner;
  /** Streams to train φ on in a given episode. */
  trainFamily(episode: number): StreamFamily;
  /** Streams to validate and test on. */
  family(): StreamFamily;
  /** What trains φ in a given episode. */
  outer(episode: number): Optimizer;
  /** What stands in the place of the data's hash. */
  dataHash(): string;
  readonly claims: readonly Claim<Result>[];
}

/** `count` streams of the validation split. */
const validationStreams = (family: StreamFamily, count: number) =>
  Array.from({ length: count }, (_, i) => family(i, 'validation'));

/**
 * Meta-trains an experiment's learner. The state is kept in `data/training/` at least every minute.
 *
 * @returns the φ that was best on validation (the caller disposes it), the course of the training, and what a checkpoint
 *   says of it; `finish` removes the state
 * @throws where `resume` finds a state of other settings; as `metaTrainLearner`, with the state kept
 */
export async function trainLearner<R>(
  experiment: StreamExperiment<R>,
  { resume = false, seed, episodes, command = '', ...watching }: TrainOptions = {},
) {
  const { name, learned, outer, trainFamily, family, dataHash } = experiment;
  const settings = changed(experiment.settings, seed, episodes);
  const { batch, validateEvery, validationSets } = settings.train;
  const file = fileName(experiment, settings);
  const state = join(dataFolder(), 'training', file);
  const described = { experiment: name, settings, data: dataHash(), made: madeBy(), command };

  const before = resume && existsSync(state) ? loadTraining(state, learned, outer(0)) : undefined;
  if (before && hashOf(before.metadata.settings) !== hashOf(settings)) {
    throw new Error(
      `${state} was made with other settings: train without --resume, or take the old settings back`,
    );
  }
  const streams = validationStreams(family(), validationSets);
  const f = learning(learned, trainFamily, { batch, seed: settings.seed });
  const training = await metaTrainLearner(learned, f, {
    episodes: settings.train.episodes,
    outer,
    seed: settings.seed,
    validateEvery,
    validate: (phi) => meanLoss(watch(learned, phi, streams)),
    resume: before?.training,
    save: (now) => saveTraining(state, now, described),
    ...watching,
  });
  release(f.theta0 as State);
  const { phi, outer: h, best, ...course } = training;
  release({ phi, h } as State, best);
  const { episode, loss } = bestValidation(course.validations)!;
  const metadata = { ...described, episodes: episode, validation: loss };
  return { phi: best, course, metadata, file, finish: () => rmSync(state, { force: true }) };
}

const meanLoss = (seen: readonly { loss: number }[]): number =>
  seen.reduce((sum, { loss }) => sum + loss, 0) / seen.length;

/** {@link trainLearner}, and the best φ written to `data/checkpoints/`. Returns the path. */
export async function trainStreams<R>(
  experiment: StreamExperiment<R>,
  options: TrainOptions = {},
): Promise<string> {
  return await ship(await trainLearner(experiment, options));
}

/** The shipped φ, or with `again` one trained now from the same settings (`--full`). The caller disposes it. */
export async function trainedLearner<R>(
  experiment: StreamExperiment<R>,
  { again = false, ...watching }: Watch & { again?: boolean } = {},
): Promise<Params> {
  if (!again) return shippedPhi(experiment).phi;
  const { phi, finish } = await trainLearner(experiment, { resume: true, ...watching });
  finish();
  return phi;
}
