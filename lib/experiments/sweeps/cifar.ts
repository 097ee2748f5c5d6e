import { cifar, cifar2, cifar5, cifarCurriculum, cifarSettings, cifarSingle, cifarWith, type CifarSettings } from '../cifar.js'; // prettier-ignore
import type { Stage } from './job.js';
import { searchJobs, type Search } from './metaLr.js';
import { seedJob } from './seeds.js';

/** The search for φ's learning rate, on all ten labels; its result stands in `cifarSettings.train.lr`. */
export const cifarSearch: Search = { trials: 8, from: 1e-3, to: 1e-2, episodes: 60, seed: 1 };

/** A short training is validated after the steps of one episode, and more often. */
const { validationSteps: _, ...train } = cifarSettings.train;
const short: CifarSettings = {
  ...cifarSettings,
  train: { ...train, patience: 200, halveAfter: 60, validateEvery: 20, validationRuns: 5 },
  // Decides nothing here; as it was when the search was made, which is kept by the hash of all settings.
  tune: { ...cifarSettings.tune, grid: { SGD: [-6, 3], NAG: [-8, 2], RMSprop: [-13, -3], ADAM: [-12, -2] } },
};

export const cifarLr = (): Stage[] => [
  () => searchJobs<CifarSettings>(cifarSearch, short, (settings) => cifarWith('cifar', settings)),
];

/** Meta-seeds of the φ that are shipped: fixed beforehand, none replaced. */
export const cifarSeeds = [1, 2];

/** Every φ of Fig. 7, then those of the curriculum, for which `--stage 2` asks. */
export const cifarPhis = (): Stage[] =>
  [[cifar, cifarSingle, cifar5, cifar2], [cifarCurriculum]].map(
    (experiments) => () =>
      cifarSeeds.flatMap((seed) =>
        experiments.map(({ name }) => seedJob(name, seed, `${name}, seed ${seed}`)),
      ),
  );
