import { shippedPath, trainCommand } from '../shipped.js';
import { trainExperiment } from '../train.js';
import type { Job, Stage } from './job.js';

/** Meta-seeds of the φ that are shipped: fixed beforehand, none replaced. */
export const metaSeeds = [1, 2, 3, 4];

/** The training of an experiment's φ with this seed. */
export const seedJob = (experiment: string, seed: number, name = `seed ${seed}`): Job => ({
  name,
  path: shippedPath(experiment, seed),
  async run(watch) {
    const command = trainCommand(experiment, seed);
    await trainExperiment(experiment, { seed, resume: true, command, ...watch });
  },
});

export const seeds = (): Stage[] => [() => metaSeeds.map((seed) => seedJob('mnist', seed))];
