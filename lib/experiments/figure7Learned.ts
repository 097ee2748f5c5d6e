import type { CifarExperiment } from './cifar.js';
import { cifarSeeds } from './sweeps/cifar.js';
import { families } from './sweeps/figure7.js';

/** The learned optimizers of all panels of Fig. 7, each φ once: its family there, its experiment and its meta-seed. */
export function figure7Learned(): { family: string; experiment: CifarExperiment; seed: number }[] {
  const all = Object.values(families).flatMap((panel) => Object.entries(panel));
  const names = all.map(([, { name }]) => name);
  return all
    .filter((_, i) => names.indexOf(names[i]!) === i)
    .flatMap(([family, experiment]) => cifarSeeds.map((seed) => ({ family, experiment, seed })));
}
