import { adam, nesterov, rmsprop, sgd } from '../optimizers/index.js';
import type { Watch } from '../progress.js';
import { remembered } from '../results.js';
import { tune, type Tuning } from '../tune.js';
import { madeBy } from '../madeby.js';
import type { Experiment } from './experiment.js';
import type { Optimizer } from '../types.js';

/** The paper's hand-designed rivals at a learning rate, by their names in the figures. */
export const baselines: { readonly [name: string]: (lr: number) => Optimizer } = {
  ADAM: (lr) => adam({ lr }),
  RMSprop: (lr) => rmsprop({ lr }),
  SGD: (lr) => sgd({ lr }),
  NAG: (lr) => nesterov({ lr }),
};

/**
 * Every baseline's best learning rate for this experiment, with its trials: searched on the validation split, by the
 * same criterion that selects φ, and kept in `data/results/`.
 *
 * @param again searches even where a result is kept
 */
export async function tunedBaselines(
  { name, settings, family, dataHash }: Experiment,
  { again = false, ...watch }: Watch & { again?: boolean } = {},
): Promise<{ [name: string]: Tuning }> {
  const optimizees = { ...settings, train: undefined, learned: undefined }; // φ's settings decide no rate
  const found: { [name: string]: Tuning } = {};
  for (const [optimizer, make] of Object.entries(baselines)) {
    const [from, to] = settings.tune.grid[optimizer]!;
    const search = {
      split: 'validation',
      steps: settings.steps,
      runs: settings.tune.runs,
      from,
      to,
    } as const;
    const inputs = {
      experiment: name,
      optimizer,
      settings: { ...optimizees, tune: search },
      data: dataHash(),
    };
    const compute = () => tune(make, family(), { ...search, ...watch });
    found[optimizer] = await remembered(`lr-${optimizer}`, inputs, compute, { again, made: madeBy() });
  }
  return found;
}
