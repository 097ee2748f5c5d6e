// The registry: to add an experiment, add its file and a line.
import { mnist } from './mnist.js';
import { quadratics } from './quadratics.js';
import type { Experiment } from './experiment.js';

export const experiments: { readonly [name: string]: Experiment } = { quadratics, mnist };

/** The experiment of this name. Throws, listing the known ones. */
export function experiment(name: string): Experiment {
  const found = Object.hasOwn(experiments, name) && experiments[name];
  if (!found)
    throw new Error(`unknown experiment '${name}'; there are: ${Object.keys(experiments).join(', ')}`);
  return found;
}
