import { evaluate, finalLoss, type Losses } from '../../evaluate.js';
import { metaTrain } from '../../metatrain.js';
import { release } from '../../params.js';
import type { Split, State } from '../../types.js';
import { kept } from '../../results.js';
import type { Claim } from '../claims.js';
import { mnistSettings, mnistWith, type MnistSettings } from '../mnist.js';
import { network } from './figures.js';
import { jsonJob, type Stage } from './job.js';

const budget = { episodes: 300, patience: 300 };
/** The meta-seeds of every variant. */
export const ablationSeeds = [1, 2];
const runs = 10;

const learned = (change: Partial<MnistSettings['learned']>) => ({
  learned: { ...mnistSettings.learned, ...change },
});
const train = (change: Partial<MnistSettings['train']>) => ({ train: change });
type Change = { learned?: MnistSettings['learned']; train?: Partial<MnistSettings['train']> };

/** What is changed in the settings of the base experiment, by the name in the figure. */
export const ablations: { readonly [name: string]: Change } = {
  'as in the paper': {},
  'no preprocessing': { learned: { hidden: [20, 20], preprocess: 'raw', scale: 0.1 } },
  'gradient × 1,000': { learned: { hidden: [20, 20], preprocess: 'rescale', factor: 1000, scale: 0.1 } },
  'output × 0.01': learned({ scale: 0.01 }),
  'output × 1': learned({ scale: 1 }),
  'state reset at unrolls': train({ resetState: true }),
  'last loss only': train({ objective: 'last' }),
  'no warm-up': train({ warmUp: 0 }),
  'unroll 5': train({ unrollLength: 5 }),
  'unroll 50': train({ unrollLength: 50 }),
  'random scaling': train({ randomScale: 3 }), // RNNprop's range
};

/** What a variant gave. */
export interface Ablation {
  /** {@link finalLoss} on validation during the training. */
  validations: { episode: number; loss: number }[];
  /** Mean over the runs of f(θ_0) + … + f(θ_99). */
  sum: number;
  /** Mean of the last five losses after so many steps: on the base network, and on the network with ReLU. */
  at100: number;
  at1000: number;
  relu100: number;
}

export const settingsOf = ({ learned, train }: Change, seed: number): MnistSettings => ({
  ...mnistSettings,
  seed,
  learned: learned ?? mnistSettings.learned,
  train: { ...mnistSettings.train, ...budget, ...train },
});

export const ablationInputs = (change: Change, seed: number, split: Split) => {
  const settings = settingsOf(change, seed);
  return { experiment: 'mnist', settings, runs, split, data: mnistWith(settings).dataHash() };
};

/** The kept results of one meta-seed, by variant. Throws where some are missing. */
export function keptAblations(split: Split, seed: number): { [variant: string]: Ablation } {
  return Object.fromEntries(
    Object.entries(ablations).map(([name, change]) => {
      const found = kept<Ablation>('ablation', ablationInputs(change, seed, split));
      if (!found) throw new Error(`no result of '${name}': npm run sweep -- ablations --split ${split}`);
      return [name, found];
    }),
  );
}

/** Every variant trained for the same small budget with the same two seeds, then tried on fresh networks. */
export const ablationSweep = (split: Split): Stage[] => [
  () =>
    ablationSeeds.flatMap((seed) =>
      Object.entries(ablations).map(([name, change]) =>
        jsonJob('ablation', `${name}, seed ${seed}`, ablationInputs(change, seed, split), (watch) =>
          ablate(settingsOf(change, seed), split, watch),
        ),
      ),
    ),
];

async function ablate(settings: MnistSettings, split: Split, watch: object): Promise<Ablation> {
  const { learned, outer, trainFamily, family } = mnistWith(settings);
  const { steps, seed, train } = settings;
  const { unrollLength, resetState = false } = train;
  const training = await metaTrain(learned, trainFamily(), { ...train, steps, seed, outer, ...watch });
  const m = learned.at(training.best);
  const options = { split, runs, unrollLength, resetState, ...watch };
  const long = await evaluate(m, family(), { ...options, steps: 1000 });
  const relu = await evaluate(m, mnistWith(network(settings.hidden, 'relu')).family(), { ...options, steps });
  release({ phi: training.phi, best: training.best, outer: training.outer } as State);
  const after = (losses: Losses, steps: number) => finalLoss(losses.map((run) => run.slice(0, steps + 1)));
  const sum = long.flatMap((run) => run.slice(0, 100)).reduce((a, b) => a + b, 0) / runs;
  return {
    validations: training.validations,
    sum,
    at100: after(long, 100),
    at1000: after(long, 1000),
    relu100: after(relu, 100),
  };
}

type Ablations = { readonly [variant: string]: Ablation };

const than = (
  variant: string,
  measured: 'sum' | 'at1000' | 'relu100',
  where: 'above' | 'below',
  paper: string,
): Claim<Ablations> => {
  const what = {
    sum: 'sum of 100 losses',
    at1000: 'loss after 1,000 steps',
    relu100: 'ReLU, loss after 100 steps',
  };
  const ratio = (all: Ablations) => all[variant]![measured] / all['as in the paper']![measured];
  return {
    figure: 'ablations',
    text: `${variant}: ${what[measured]}, ${where} that of the paper's settings`,
    paper,
    tolerance: where === 'above' ? 'ratio above 1' : 'ratio below 1',
    ours: (all) => ({ mean: ratio(all), se: NaN }),
    holds: (all) => (where === 'above' ? ratio(all) > 1 : ratio(all) < 1),
  };
};

/** What the paper and others say of these changes. Written before the first run. */
export const ablationClaims: readonly Claim<Ablations>[] = [
  than('no preprocessing', 'sum', 'above', 'Appendix A: needed'),
  than('state reset at unrolls', 'sum', 'above', 'not in the paper; a bug in ports of its code'),
  than('last loss only', 'sum', 'above', '§2: harder to train'),
  than('unroll 5', 'sum', 'above', 'not in the paper'),
  than('random scaling', 'relu100', 'below', 'not in the paper; RNNprop'),
  than('random scaling', 'at1000', 'below', 'not in the paper; RNNprop'),
];
