import { artSettings, artWith, type ArtSettings } from '../art.js';
import type { Stage } from './job.js';
import { searchJobs, type Search } from './metaLr.js';
import { seedJob } from './seeds.js';

/** The search for φ's learning rate; its result stands in `artSettings.train.lr`. */
export const artSearch: Search = {
  trials: 8,
  from: 1e-3,
  to: 3e-2,
  episodes: 40,
  seed: 5, // no meta-seed of a shipped φ
};

export const artLr = (): Stage[] => [() => searchJobs<ArtSettings>(artSearch, artSettings, artWith)];

/** Meta-seeds of the φ that are shipped: fixed beforehand, none replaced. */
export const artSeeds = [1, 2];

export const artPhis = (): Stage[] => [
  () => artSeeds.map((seed) => seedJob('art', seed, `art, seed ${seed}`)),
];
