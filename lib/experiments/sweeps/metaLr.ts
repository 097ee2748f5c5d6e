import { metaTrain } from '../../metatrain.js';
import { release } from '../../params.js';
import { random } from '../../random.js';
import { bestValidation } from '../../training.js';
import type { State } from '../../types.js';
import type { Experiment, Settings } from '../experiment.js';
import { mnistSettings, mnistWith } from '../mnist.js';
import { jsonJob, type Job, type Stage } from './job.js';

/** A search for the learning rate of φ: random, log-uniform, as in the paper (§3); its range is our choice. */
export interface Search {
  readonly trials: number;
  readonly from: number;
  readonly to: number;
  readonly episodes: number;
  /** Draws the rates, φ_0 and the training functions. */
  readonly seed: number;
}

const mnistSearch: Search = {
  trials: 8,
  from: 3e-3, // a tenth of `to`: at .0015 and .0024, 200 episodes are too few to get far
  to: 3e-2,
  episodes: 200,
  seed: 5, // no meta-seed of a shipped φ
};

/** The rates of a search, in the order of its trials. */
export const ratesOf = ({ trials, from, to, seed }: Search): number[] =>
  Array.from({ length: trials }, (_, trial) => {
    const [u = 0] = random('meta-lr', seed, trial).integers(1, 0, 2 ** 30);
    return Number((from * (to / from) ** (u / 2 ** 30)).toPrecision(3));
  });

/** What a trial gave. */
export type MetaLrResult = { lr: number; validation: number; validations: number[] };

/** A short training with each rate, of the experiment that `make` gives for settings. */
export const searchJobs = <S extends Settings>(
  search: Search,
  base: S,
  make: (settings: S) => Experiment,
): Job[] =>
  ratesOf(search).map((lr) => {
    const { episodes, seed } = search;
    const { warmUp, ...fullRate } = base.train; // a trial starts with its full rate
    const train = { ...fullRate, lr, episodes };
    const settings = { ...base, seed, train };
    const { name, learned, outer, trainFamily, dataHash } = make(settings);
    const inputs = { experiment: name, settings, data: dataHash() };
    return jsonJob('meta-lr', `lr ${lr}`, inputs, async (watch): Promise<MetaLrResult> => {
      const options = { ...train, steps: settings.steps, seed, outer, ...watch };
      const { phi, best, outer: h, validations } = await metaTrain(learned, trainFamily(), options);
      release({ phi, best, h } as State);
      const { loss } = bestValidation(validations)!;
      return { lr, validation: loss, validations: validations.map((v) => v.loss) };
    });
  });

export const metaLr = (): Stage[] => [() => searchJobs(mnistSearch, mnistSettings, mnistWith)];
