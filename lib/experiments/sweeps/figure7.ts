import { evaluate } from '../../evaluate.js';
import { keptFile, lossesOf, resultPath, type Kept } from '../../results.js';
import { estimate, estimates } from '../../statistics.js';
import type { Split } from '../../types.js';
import { baselines } from '../baselines.js';
import { cifar, cifar2, cifar5, cifarSettings, cifarSingle, type CifarExperiment } from '../cifar.js';
import { windows, type Figure7, type PanelName, type Window, type Windows } from '../figure7.js';
import { shippedHash } from '../shipped.js';
import type { KeptRun } from './again.js';
import { cifarSeeds } from './cifar.js';
import { shippedOptimizer, tunedBaseline, type Contender } from './contender.js';
import { jsonJob, type Job, type Stage } from './job.js';
import { tunedRate, tuningJob } from './tuned.js';

/** An optimizer's runs on one panel, as they are kept. */
export interface LongRuns extends Windows {
  /** Mean and standard error of f(θ_t), t = 0 … 1,000. */
  readonly mean: readonly number[];
  readonly se: readonly number[];
  /** The first run's first 200 steps, in full precision: what a notebook runs again. */
  readonly first: readonly number[];
  /** Of every run: the mean of the last 20 losses of those steps. */
  readonly tails: readonly number[];
}

const runs = 5;
const steps = 1000;
const again = 200;

/** The network and labels of each panel. */
const experimentOf = { 'CIFAR-10': cifar, 'CIFAR-5': cifar5, 'CIFAR-2': cifar2 };

const panelNames = Object.keys(experimentOf) as PanelName[];

/** Where the learned optimizers of each panel come from; a φ of the curriculum would be one entry more. */
export const families: { readonly [panel in PanelName]: { readonly [family: string]: CifarExperiment } } = {
  'CIFAR-10': { LSTM: cifar, single: cifarSingle },
  'CIFAR-5': { LSTM: cifar, 'LSTM-sub': cifar5 },
  'CIFAR-2': { LSTM: cifar, 'LSTM-sub': cifar2 },
};

const learnedOf = (panel: PanelName): [name: string, experiment: CifarExperiment, seed: number][] =>
  Object.entries(families[panel]).flatMap(([family, experiment]) =>
    cifarSeeds.map((seed): [string, CifarExperiment, number] => [`${family} ${seed}`, experiment, seed]),
  );

/** Names of the optimizers on a panel. */
export const figure7Contenders = (panel: PanelName): string[] => [
  ...learnedOf(panel).map(([name]) => name),
  ...Object.keys(baselines),
];

const named = (panel: PanelName, contender: string) => learnedOf(panel).find(([name]) => name === contender);

/** What a contender's runs depend on. Throws where its rate has not been tuned. */
function inputsOf(panel: PanelName, contender: string, split: Split) {
  const { batch, filters, kernel, dense, stddev, epsilon } = cifarSettings;
  const network = { batch, filters, kernel, dense, stddev, epsilon };
  const labels = experimentOf[panel].settings.labels.figure;
  const which = { experiment: 'cifar', labels, network, steps, runs, split, data: cifar.dataHash() };
  const learned = named(panel, contender);
  if (!learned)
    return { ...which, optimizer: contender, lr: tunedRate(experimentOf[panel], contender, panel) };
  const [, experiment, seed] = learned;
  return {
    ...which,
    parts: experiment.settings.learned.parts,
    phi: shippedHash(experiment, seed),
  };
}

/** A contender's optimizer, with its tuned rate or its φ. */
export function figure7Optimizer(panel: PanelName, contender: string): Contender {
  const learned = named(panel, contender);
  if (!learned) return tunedBaseline(experimentOf[panel], contender, panel);
  const [, experiment, seed] = learned;
  return shippedOptimizer(experiment, seed);
}

/** What is kept of the losses [run][t]. */
export function longRuns(losses: readonly (readonly number[])[]): LongRuns {
  const digits = (x: number, n: number) => Number(x.toPrecision(n));
  const over = (window: Window) => {
    const [from, to] = windows[window];
    return losses.map((run) => digits(estimate(run.slice(from, to + 1)).mean, 6));
  };
  const all = estimates(losses);
  return {
    early: over('early'),
    late: over('late'),
    mean: all.map(({ mean }) => digits(mean, 5)),
    se: all.map(({ se }) => digits(se, 2)),
    first: losses[0]!.slice(0, again + 1).map((x) => digits(x, 9)), // enough for a float32
    tails: losses.map((run) => digits(estimate(run.slice(again - 19, again + 1)).mean, 5)),
  };
}

export function figure7Job(panel: PanelName, contender: string, split: Split): Job {
  return jsonJob('figure7', `${contender} on ${panel}`, inputsOf(panel, contender, split), async (watch) => {
    const { optimizer, dispose } = figure7Optimizer(panel, contender);
    const losses = await evaluate(optimizer, experimentOf[panel].family(), { split, steps, runs, ...watch });
    dispose();
    return longRuns(losses);
  });
}

/** Every baseline tuned on every panel, then everybody's runs. */
export const figure7 = (split: Split): Stage[] => [
  () =>
    panelNames.flatMap((panel) =>
      Object.keys(baselines).map((optimizer) => tuningJob(experimentOf[panel], optimizer, panel)),
    ),
  () =>
    panelNames.flatMap((panel) =>
      figure7Contenders(panel).map((contender) => figure7Job(panel, contender, split)),
    ),
];

/** A contender's runs with what made them. Throws where they are not there, saying which command makes them. */
export function figure7Runs(panel: PanelName, contender: string, split: Split): Kept<LongRuns> {
  const inputs = inputsOf(panel, contender, split);
  const found = keptFile<LongRuns>('figure7', inputs);
  if (found) return { ...found, result: restored(found.result) };
  throw new Error(`no ${resultPath('figure7', inputs)}: run npm run sweep -- figure7 --split ${split}`);
}

const restored = (kept: LongRuns): LongRuns => {
  const { early, late, mean, first, tails } = kept;
  return { ...kept, early: lossesOf(early), late: lossesOf(late), mean: lossesOf(mean), first: lossesOf(first), tails: lossesOf(tails) }; // prettier-ignore
};

/** Every contender's runs by panel, for {@link figure7Claims}. Throws where one lacks. */
export function figure7Results(split: Split): { [panel in PanelName]: { [contender: string]: LongRuns } } {
  const panel = (name: PanelName) =>
    Object.fromEntries(
      figure7Contenders(name).map((contender) => [contender, figure7Runs(name, contender, split).result]),
    );
  return {
    'CIFAR-10': panel('CIFAR-10'),
    'CIFAR-5': panel('CIFAR-5'),
    'CIFAR-2': panel('CIFAR-2'),
  } satisfies Figure7;
}

/** A panel's kept runs, each as the first 200 steps of its first run can be made again. */
export const figure7KeptRuns = (panel: PanelName, split: Split): KeptRun[] =>
  figure7Contenders(panel).map((optimizer) => {
    const { made, result } = figure7Runs(panel, optimizer, split);
    return {
      ...{ network: panel, optimizer, made, first: result.first, tails: result.tails },
      async again() {
        const contender = figure7Optimizer(panel, optimizer);
        const family = experimentOf[panel].family();
        const [run = []] = await evaluate(contender.optimizer, family, { split, steps: again, runs: 1 });
        contender.dispose();
        return run;
      },
    };
  });
