// The registry: to add an experiment, add its file and a line.
import { art } from './art.js';
import { bosc, type BoscResult } from './bosc.js';
import { cifar, cifar2, cifar5, cifarCurriculum, cifarSingle } from './cifar.js';
import { mnist } from './mnist.js';
import { quadratics } from './quadratics.js';
import type { Experiment } from './experiment.js';
import type { StreamExperiment } from './streams.js';

export const experiments: { readonly [name: string]: Experiment } = {
  quadratics,
  mnist,
  cifar,
  'cifar-5': cifar5,
  'cifar-2': cifar2,
  'cifar-single': cifarSingle,
  'cifar-curriculum': cifarCurriculum,
  art,
};

/** Experiments on learners, which see examples instead of gradients. */
export const streamExperiments: { readonly [name: string]: StreamExperiment<BoscResult> } = { bosc };

/** The experiment of this name. Throws, listing the known ones. */
export function experiment(name: string): Experiment {
  const found = Object.hasOwn(experiments, name) && experiments[name];
  if (!found)
    throw new Error(
      `unknown experiment '${name}'; there are: ${[...Object.keys(experiments), ...Object.keys(streamExperiments)].join(', ')}`,
    );
  return found;
}
