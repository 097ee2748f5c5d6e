import { contents } from '../../datasets/pictures.js';
import { evaluate, type Losses } from '../../evaluate.js';
import { keptFile, lossesOf, resultPath, type Kept } from '../../results.js';
import { estimate } from '../../statistics.js';
import type { Split } from '../../types.js';
import { art, artNew } from '../art.js';
import { baselines } from '../baselines.js';
import { asBefore, type Figure8 } from '../figure8.js';
import { shippedHash } from '../shipped.js';
import type { KeptRun } from './again.js';
import { artSeeds } from './art.js';
import { shippedOptimizer, tunedBaseline, type Contender } from './contender.js';
import { jsonJob, type Job, type Stage } from './job.js';
import { tunedRate, tuningJob } from './tuned.js';

/** An optimizer's runs on one panel, one for each content picture of the split, as they are kept. */
export interface ArtRuns {
  /** f(θ_t), [run][t], t = 0 … 128. */
  readonly losses: Losses;
  /** The first run's first steps, in full precision: what a notebook runs again. */
  readonly first: readonly number[];
  /** Of every run: the mean of the last 20 losses of those steps. */
  readonly tails: readonly number[];
}

export type Side = keyof Figure8;

/** What each panel shows. */
export const figure8Panels = {
  left: { experiment: art, title: 'training style, 64 × 64' },
  right: { experiment: artNew, title: 'new style, 128 × 128' },
};

const sides = Object.keys(figure8Panels) as Side[];
const again = 64;

const learned: { readonly [name: string]: number } = Object.fromEntries(artSeeds.map((seed) => [`LSTM ${seed}`, seed])); // prettier-ignore
const rivals = Object.keys(baselines);

/** Names of the optimizers on a panel. */
export const figure8Contenders = (side: Side): string[] => [
  ...Object.keys(learned),
  ...rivals,
  ...(side === 'right' ? rivals.map(asBefore) : []),
];

/** The baseline of this name, and the panel that its rate was tuned on. */
function rivalOf(side: Side, contender: string): [name: string, tunedOn: Side] {
  const same = rivals.find((name) => asBefore(name) === contender);
  return same ? [same, 'left'] : [contender, side];
}

/** What a contender's runs depend on. Throws where its rate has not been tuned. */
function inputsOf(side: Side, contender: string, split: Split) {
  const { settings, dataHash } = figure8Panels[side].experiment;
  const { style, size, layers, alpha, beta, gamma, begin, steps } = settings;
  const painting = { style, size, layers, alpha, beta, gamma, begin };
  const runs = contents(split, size).length;
  const which = { experiment: 'art', painting, steps, runs, split, data: dataHash() };
  const seed = learned[contender];
  if (seed) return { ...which, phi: shippedHash(art, seed) };
  const [optimizer, on] = rivalOf(side, contender);
  const { experiment, title } = figure8Panels[on];
  return { ...which, optimizer, lr: tunedRate(experiment, optimizer, title) };
}

/** A contender's optimizer, with its φ or its tuned rate. */
export function figure8Optimizer(side: Side, contender: string): Contender {
  const seed = learned[contender];
  if (seed) return shippedOptimizer(art, seed);
  const [optimizer, on] = rivalOf(side, contender);
  const { experiment, title } = figure8Panels[on];
  return tunedBaseline(experiment, optimizer, title);
}

/** What is kept of the losses [run][t]. */
export const artRuns = (losses: Losses): ArtRuns => ({
  losses: losses.map((run) => run.map((x) => Number(x.toPrecision(5)))),
  first: losses[0]!.slice(0, again + 1).map((x) => Number(x.toPrecision(9))), // enough for a float32
  tails: losses.map((run) => Number(estimate(run.slice(again - 19, again + 1)).mean.toPrecision(5))),
});

export function figure8Job(side: Side, contender: string, split: Split): Job {
  const inputs = inputsOf(side, contender, split);
  const { experiment, title } = figure8Panels[side];
  return jsonJob('figure8', `${contender} on ${title}`, inputs, async (watch) => {
    const { optimizer, dispose } = figure8Optimizer(side, contender);
    const { steps, runs } = inputs;
    const losses = await evaluate(optimizer, experiment.family(), { split, steps, runs, ...watch });
    dispose();
    return artRuns(losses);
  });
}

/** Every baseline tuned on both panels, on validation pictures, then everybody's runs. */
export const figure8 = (split: Split): Stage[] => [
  () =>
    sides.flatMap((side) => {
      const { experiment, title } = figure8Panels[side];
      return rivals.map((optimizer) => tuningJob(experiment, optimizer, title));
    }),
  () =>
    sides.flatMap((side) => figure8Contenders(side).map((contender) => figure8Job(side, contender, split))),
];

/** A contender's runs with what made them. Throws where they are not there, saying which command makes them. */
export function figure8Runs(side: Side, contender: string, split: Split): Kept<ArtRuns> {
  const inputs = inputsOf(side, contender, split);
  const found = keptFile<ArtRuns>('figure8', inputs);
  if (!found)
    throw new Error(`no ${resultPath('figure8', inputs)}: run npm run sweep -- figure8 --split ${split}`);
  const { losses, first, tails } = found.result;
  return {
    ...found,
    result: { losses: losses.map(lossesOf), first: lossesOf(first), tails: lossesOf(tails) },
  };
}

/** Everybody's runs as the φ of one meta-seed sees them, for the claims. Throws where some are missing. */
export function figure8Results(split: Split, seed: number): Figure8 {
  const panel = (side: Side) => {
    const others = figure8Contenders(side).filter((name) => !(name in learned));
    const names = Object.fromEntries([['LSTM', `LSTM ${seed}`], ...others.map((name) => [name, name])]);
    return Object.fromEntries(
      Object.entries(names).map(([name, kept]) => [name, figure8Runs(side, String(kept), split).result.losses]), // prettier-ignore
    );
  };
  return { left: panel('left'), right: panel('right') };
}

/** A panel's kept runs, each as the first steps of its first run can be made again. */
export const figure8KeptRuns = (side: Side, split: Split): KeptRun[] =>
  figure8Contenders(side).map((optimizer) => {
    const { made, result } = figure8Runs(side, optimizer, split);
    const { experiment, title } = figure8Panels[side];
    return {
      ...{ network: title, optimizer, made, first: result.first, tails: result.tails },
      async again() {
        const contender = figure8Optimizer(side, optimizer);
        const [run = []] = await evaluate(contender.optimizer, experiment.family(), { split, steps: again, runs: 1 }); // prettier-ignore
        contender.dispose();
        return run;
      },
    };
  });
