import { shippedPath } from '../shipped.js';
import { trainExperiment } from '../train.js';
import type { Stage } from './job.js';

/** Meta-seeds of the φ that are shipped: fixed beforehand, none replaced. */
export const metaSeeds = [1, 2, 3, 4];

export function seeds(): Stage[] {
  return [
    () =>
      metaSeeds.map((seed) => ({
        name: `seed ${seed}`,
        path: shippedPath('mnist', seed),
        async run(watch) {
          const command = seed === 1 ? 'npm run train -- mnist' : `npm run train -- mnist --seed ${seed}`;
          await trainExperiment('mnist', { seed, resume: true, command, ...watch });
        },
      })),
  ];
}
