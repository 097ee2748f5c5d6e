import { evaluate } from '../../evaluate.js';
import { keptFile, type Kept } from '../../results.js';
import { estimates } from '../../statistics.js';
import type { Split } from '../../types.js';
import { baselines } from '../baselines.js';
import { mnistWith, type MnistSettings } from '../mnist.js';
import { shippedHash } from '../shipped.js';
import type { KeptRun } from './again.js';
import { shippedOptimizer, tunedBaseline, type Contender } from './contender.js';
import { jsonJob, type Job } from './job.js';
import { metaSeeds } from './seeds.js';
import * as tuned from './tuned.js';

/** An optimizer's runs on one network, as they are kept. */
export interface Runs {
  /** Mean and standard error of f(θ_t), t = 0 … steps. */
  mean: number[];
  se: number[];
  /** Of every run: f(θ_0) + … + f(θ_99), and the means of the last 5 and of the last 20 losses. */
  sums: number[];
  finals: number[];
  tails: number[];
  /** The first run, in full precision. */
  first: number[];
}

/** Runs of one optimizer on one network. */
export interface Panel {
  readonly settings: MnistSettings;
  readonly steps: number;
  readonly split: Split;
}

/** Evaluation runs of every optimizer. */
export const runs = 20;

/** Names of the optimizers in a panel: the φ of every meta-seed, and the tuned baselines. */
export const contenders = [...metaSeeds.map((seed) => `LSTM ${seed}`), ...Object.keys(baselines)];

/** The search for a baseline's rate on a panel's network. */
export const tuningJob = (settings: MnistSettings, optimizer: string): Job =>
  tuned.tuningJob(mnistWith(settings), optimizer, describe(settings));

/** `2 × 20 relu` */
export const describe = ({ hidden, activation }: MnistSettings): string =>
  `${hidden.length} × ${hidden[0]} ${activation}`;

/** What a contender's runs depend on. Throws where its rate has not been tuned. */
function inputsOf({ settings, steps, split }: Panel, contender: string) {
  const experiment = mnistWith(settings);
  const { hidden, activation, batch, stddev } = settings;
  const network = { hidden, activation, batch, stddev };
  const which = { experiment: 'mnist', network, steps, runs, split, data: experiment.dataHash() };
  const seed = seedOf(contender);
  if (seed) return { ...which, phi: shippedHash(experiment, seed) };
  return { ...which, optimizer: contender, lr: tuned.tunedRate(experiment, contender, describe(settings)) };
}

const seedOf = (contender: string): number => Number(/^LSTM (\d+)$/.exec(contender)?.[1] ?? 0);

/** A contender's runs with what made them. Throws where they are not there, saying which command makes them. */
export function runsOf(panel: Panel, contender: string): Kept<Runs> {
  const found = keptFile<Runs>('curves', inputsOf(panel, contender));
  if (found) return found;
  throw new Error(
    `no runs of ${contender} on ${describe(panel.settings)} for ${panel.steps} steps: npm run sweep -- figure4 (figure5, figure6) --split ${panel.split}`,
  );
}

export function curvesJob(panel: Panel, contender: string): Job {
  const inputs = inputsOf(panel, contender);
  const { settings, steps, split } = panel;
  return jsonJob(
    'curves',
    `${contender} on ${describe(settings)}, ${steps} steps`,
    inputs,
    async (watch): Promise<Runs> => {
      const { optimizer, dispose } = optimizerOf(panel, contender);
      const losses = await evaluate(optimizer, mnistWith(settings).family(), {
        split,
        steps,
        runs,
        ...watch,
      });
      dispose();
      const all = estimates(losses);
      const five = (x: number) => Number(x.toPrecision(5));
      return {
        mean: all.map(({ mean }) => five(mean)),
        se: all.map(({ se }) => Number(se.toPrecision(2))),
        sums: losses.map((run) => five(sum(run.slice(0, 100)))),
        finals: losses.map((run) => five(sum(run.slice(-5)) / 5)),
        tails: losses.map((run) => five(sum(run.slice(-20)) / 20)),
        first: losses[0]!.map((x) => Number(x.toPrecision(9))), // enough for a float32
      };
    },
  );
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** The optimizer of this name, tuned for the panel's network or with its φ. */
export function optimizerOf(panel: Panel, contender: string): Contender {
  const experiment = mnistWith(panel.settings);
  const seed = seedOf(contender);
  return seed
    ? shippedOptimizer(experiment, seed)
    : tunedBaseline(experiment, contender, describe(panel.settings));
}

/** A panel's kept runs, each as the first of its optimizer's runs can be made again. */
export const keptRuns = (panel: Panel): KeptRun[] =>
  contenders.map((optimizer) => {
    const { made, result } = runsOf(panel, optimizer);
    return {
      ...{ network: describe(panel.settings), optimizer, made, first: result.first, tails: result.tails },
      async again() {
        const { steps, split } = panel;
        const contender = optimizerOf(panel, optimizer);
        const family = mnistWith(panel.settings).family();
        const [run = []] = await evaluate(contender.optimizer, family, { split, steps, runs: 1 });
        contender.dispose();
        return run;
      },
    };
  });
