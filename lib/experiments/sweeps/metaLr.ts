import { metaTrain } from '../../metatrain.js';
import { release } from '../../params.js';
import { random } from '../../random.js';
import { bestValidation } from '../../training.js';
import type { State } from '../../types.js';
import { mnistSettings, mnistWith } from '../mnist.js';
import { jsonJob, type Stage } from './job.js';

/** The search for the learning rate of φ: random, log-uniform, as in the paper (§3); its range is our choice. */
const search = {
  trials: 8,
  from: 3e-3, // a tenth of `to`: at .0015 and .0024, 200 episodes are too few to get far
  to: 3e-2,
  episodes: 200,
  seed: 5, // no meta-seed of a shipped φ
};

/** A trial starts with its full rate. */
const { warmUp, ...fullRate } = mnistSettings.train;

/** A trial's rate. */
export function rateOf(trial: number): number {
  const { from, to, seed } = search;
  const [u = 0] = random('meta-lr', seed, trial).integers(1, 0, 2 ** 30);
  return Number((from * (to / from) ** (u / 2 ** 30)).toPrecision(3));
}

/** What a trial gave. */
export type MetaLrResult = { lr: number; validation: number; validations: number[] };

export function metaLr(): Stage[] {
  const { trials, episodes, seed } = search;
  return [
    () =>
      Array.from({ length: trials }, (_, trial) => {
        const lr = rateOf(trial);
        const train = { ...fullRate, lr, episodes };
        const settings = { ...mnistSettings, seed, train };
        const { learned, outer, trainFamily, dataHash } = mnistWith(settings);
        const inputs = { experiment: 'mnist', settings, data: dataHash() };
        return jsonJob('meta-lr', `lr ${lr}`, inputs, async (watch): Promise<MetaLrResult> => {
          const options = { ...train, steps: settings.steps, seed, outer, ...watch };
          const { phi, best, outer: h, validations } = await metaTrain(learned, trainFamily(), options);
          release({ phi, best, h } as State);
          const { loss } = bestValidation(validations)!;
          return { lr, validation: loss, validations: validations.map((v) => v.loss) };
        });
      }),
  ];
}
