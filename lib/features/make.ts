import { existsSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { saveParams, type Metadata } from '../checkpoint.js';
import { dataFolder } from '../data.js';
import type { Dataset } from '../datasets/dataset.js';
import { fromHalf, toHalf } from '../float16.js';
import { madeBy } from '../madeby.js';
import { mapParams, release } from '../params.js';
import type { Progress, Watch } from '../progress.js';
import { hashOf } from '../results.js';
import type { Params, Split, State } from '../types.js';
import { accuracy } from './classifier.js';
import { filtersNormalised, folded, meanActivations, moments } from './fold.js';
import { smallVggSettings, type SmallVggSettings } from './settings.js';
import { smallVggPath } from './smallVgg.js';
import { loadVggTraining, saveVggTraining, smallVggOptimizee, trainVgg, untrainedVgg } from './train.js';

export interface MakeOptions {
  /** Goes on from the unfinished training of the same settings; starts anew without. */
  readonly resume?: boolean;
  /** Splits on which the finished network is measured. */
  readonly measure?: readonly Split[];
  readonly signal?: AbortSignal;
  /** A watcher for each stage. */
  readonly progress?: (stage: string) => (now: Progress) => void;
  /** Recorded in the file. */
  readonly command?: string;
}

/**
 * Trains a small VGG, folds its batch norms, normalises its filters and writes it in float16, with settings, losses of
 * the epochs and accuracies in its metadata: those of the very numbers in the file. Other settings than the shipped ones
 * go to a file of their own.
 *
 * @throws where `resume` finds a state of other settings; as `trainVgg`, with the state kept
 */
export async function makeSmallVgg(
  data: Dataset,
  settings: SmallVggSettings = smallVggSettings,
  { resume = false, measure = ['validation'], signal, progress, command = '' }: MakeOptions = {},
): Promise<{ path: string; metadata: Metadata }> {
  const watch = (stage: string): Watch => ({ signal, onProgress: progress?.(stage) });
  const { path, state } = vggPaths(settings);
  const described = { network: 'small VGG', settings, data: data.hash, made: madeBy(), command };

  const f = smallVggOptimizee(settings, data);
  const before = resume && existsSync(state) ? loadVggTraining(state, untrainedVgg(f)) : undefined;
  if (before && hashOf(before.metadata.settings) !== hashOf(settings))
    throw new Error(
      `${state} was made with other settings: start without --resume, or take the old ones back`,
    );
  const { theta, losses, v } = await trainVgg(settings, data, f, before?.training ?? untrainedVgg(f), {
    ...watch('training'),
    save: (now) => saveVggTraining(state, now, described),
  });
  const params = await finished(settings, theta, data, watch);
  release([theta, v] as unknown as State);

  const accuracies: { [split: string]: number } = {};
  for (const split of measure)
    accuracies[split] = await accuracy(settings, params, data, split, watch(`accuracy, ${split}`));
  const metadata = { ...described, losses: losses.map((x) => Number(x.toFixed(4))), accuracies };
  await saveParams(path, params, metadata, 'F16');
  release(params as State);
  rmSync(state, { force: true });
  return { path, metadata };
}

/** The trained network as it is written: batch norms folded, filters normalised, rounded to float16. */
async function finished(
  settings: SmallVggSettings,
  theta: Params,
  data: Dataset,
  watch: (stage: string) => Watch,
): Promise<Params> {
  const statistics = await moments(settings, theta, data, watch('statistics of the batch norms'));
  const plain = folded(settings, theta, statistics);
  const means = await meanActivations(settings, plain, data, watch('mean activations'));
  const params = filtersNormalised(settings, plain, means);
  const rounded = mapParams(params, (p) =>
    tf.tensor(
      Float32Array.from(p.dataSync(), (x) => fromHalf(toHalf(x))),
      p.shape,
    ),
  );
  release([plain, params, means, statistics] as unknown as State);
  return rounded;
}

/** Where the network of these settings is written, and the state of its training meanwhile. */
export function vggPaths(settings: SmallVggSettings): { path: string; state: string } {
  const hash = hashOf(settings);
  const shipped = hash === hashOf(smallVggSettings);
  const path = shipped ? smallVggPath() : smallVggPath().replace('.safe', `-${hash.slice(0, 8)}.safe`);
  return { path, state: join(dataFolder(), 'training', basename(path)) };
}
