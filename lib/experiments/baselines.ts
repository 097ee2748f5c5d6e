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

/** The search for a baseline's learning rate, on the validation split: what it depends on, and how it is done. */
export function tuning({ name, settings, family, dataHash }: Experiment, optimizer: string) {
  const [from, to] = settings.tune.grid[optimizer]!;
  const { runs, steps = settings.steps } = settings.tune;
  const search = { split: 'validation', steps, runs, from, to } as const;
  // φ's settings decide no rate.
  const optimizees = { ...settings, train: undefined, learned: undefined, tune: search };
  return {
    kind: `lr-${optimizer}`,
    inputs: { experiment: name, optimizer, settings: optimizees, data: dataHash() },
    compute: (watch: Watch) => tune(baselines[optimizer]!, family(), { ...search, ...watch }),
  };
}

/**
 * Every baseline's best learning rate for this experiment, with its trials: searched by the same criterion that selects
 * φ, and kept in `data/results/`.
 *
 * @param again searches even where a result is kept
 */
export async function tunedBaselines(
  experiment: Experiment,
  { again = false, ...watch }: Watch & { again?: boolean } = {},
): Promise<{ [name: string]: Tuning }> {
  const found: { [name: string]: Tuning } = {};
  for (const optimizer of Object.keys(baselines)) {
    const { kind, inputs, compute } = tuning(experiment, optimizer);
    found[optimizer] = await remembered(kind, inputs, () => compute(watch), { again, made: madeBy() });
  }
  return found;
}
