// The registry: to add a sweep, add its file and a line.
import type { Split } from '../../types.js';
import { ablationSweep } from './ablations.js';
import { artLr, artPhis } from './art.js';
import { cifarLr, cifarPhis } from './cifar.js';
import { figure7 } from './figure7.js';
import { figure8 } from './figure8.js';
import { figure4, figure5, figure6 } from './figures.js';
import type { Stage } from './job.js';
import { metaLr } from './metaLr.js';
import { seeds } from './seeds.js';

export { figure7Contenders, figure7KeptRuns, figure7Results, figure7Runs, type LongRuns } from './figure7.js'; // prettier-ignore
export {
  figure8Contenders,
  figure8KeptRuns,
  figure8Optimizer,
  figure8Panels,
  figure8Results,
  figure8Runs,
  type ArtRuns,
} from './figure8.js';
export { open, type Job, type Stage } from './job.js';

/** Grids of independent jobs; a later stage needs the results of those before it. */
export const sweeps: { readonly [name: string]: (split: Split) => Stage[] } = {
  'meta-lr': metaLr,
  seeds,
  figure4,
  figure5,
  figure6,
  'cifar-lr': cifarLr,
  'cifar-seeds': cifarPhis,
  figure7,
  'art-lr': artLr,
  'art-seeds': artPhis,
  figure8,
  ablations: ablationSweep,
};

/** The stages of the sweep of this name. Throws, listing the known ones. */
export function sweep(name: string, split: Split): Stage[] {
  const found = Object.hasOwn(sweeps, name) && sweeps[name];
  if (!found) throw new Error(`unknown sweep '${name}'; there are: ${Object.keys(sweeps).join(', ')}`);
  return found(split);
}
