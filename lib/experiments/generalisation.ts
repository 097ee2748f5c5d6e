import { estimate, type Estimate } from '../statistics.js';
import type { Split } from '../types.js';
import { baselines } from './baselines.js';
import type { Claim } from './claims.js';
import { describe, runsOf, type Panel, type Runs } from './sweeps/curves.js';
import { figure4Panels, figure5Panels, figure6Panels, widths } from './sweeps/figures.js';

/** Digitised from Fig. 5, ± 5 %: training loss after so many steps. */
export const paper = {
  '1 × 40 sigmoid': {
    LSTM: { steps: [20, 40, 98], losses: [0.38, 0.267, 0.191] },
    NAG: { steps: [98], losses: [0.306] },
    ADAM: { steps: [98], losses: [0.317] },
    RMSprop: { steps: [98], losses: [0.323] },
    SGD: { steps: [98], losses: [0.448] },
  },
  '2 × 20 sigmoid': {
    LSTM: { steps: [20, 40, 98], losses: [0.933, 0.518, 0.329] },
    ADAM: { steps: [98], losses: [0.705] },
    RMSprop: { steps: [98], losses: [0.737] },
    NAG: { steps: [98], losses: [0.758] },
    SGD: { steps: [98], losses: [1.79] },
  },
  '1 × 20 relu': {
    LSTM: { steps: [20, 40, 80, 98], losses: [2.34, 2.3, 2.84, 2.61] },
    NAG: { steps: [98], losses: [0.369] },
    ADAM: { steps: [98], losses: [0.369] },
    RMSprop: { steps: [98], losses: [0.404] },
    SGD: { steps: [98], losses: [0.446] },
  },
};

/** Everybody's runs on every network, by the network's name, as one φ sees them: its own runs are LSTM's. */
export type Generalisation = { readonly [network: string]: { readonly [optimizer: string]: Runs } };

const nameOf = ({ settings, steps }: Panel): string =>
  describe(settings) + (steps === settings.steps ? '' : `, ${steps} steps`);

/** The networks of Figs. 4, 5 and 6. */
export function panels(split: Split): { [network: string]: Panel } {
  const all = [...figure4Panels(split), ...figure5Panels(split), ...figure6Panels(split)];
  return Object.fromEntries(all.map((panel) => [nameOf(panel), panel]));
}

/** The kept runs of the φ of one meta-seed and of its rivals. Throws where some are missing. */
export function generalisation(split: Split, seed: number): Generalisation {
  const names = { LSTM: `LSTM ${seed}`, ...Object.fromEntries(rivals.map((rival) => [rival, rival])) };
  const read = (panel: Panel) =>
    Object.fromEntries(Object.entries(names).map(([name, kept]) => [name, runsOf(panel, kept).result]));
  return Object.fromEntries(Object.entries(panels(split)).map(([name, panel]) => [name, read(panel)]));
}

const rivals = Object.keys(baselines);

const [base, long] = ['1 × 20 sigmoid', '1 × 20 sigmoid, 200 steps'];
const at = (all: Generalisation, network: string, step: number, optimizer = 'LSTM'): Estimate => {
  const { mean, se } = all[network]![optimizer]!;
  return { mean: mean[step]!, se: se[step]! };
};

const atMost = (
  figure: string,
  network: string,
  step: number,
  most: number,
  paper: number,
): Claim<Generalisation> => ({
  figure,
  text: `${network}: LSTM, loss at step ${step}`,
  paper,
  tolerance: `at most ${most}`,
  ours: (all) => at(all, network, step),
  holds: (all) => at(all, network, step).mean <= most,
});

const compared = (
  figure: string,
  network: string,
  step: number,
  where: 'below' | 'above',
  paper: string,
): Claim<Generalisation> => ({
  figure,
  text: `${network}: LSTM ${where} every tuned baseline at step ${step}`,
  paper,
  tolerance: 'mean losses',
  ours: (all) => at(all, network, step),
  holds: (all) =>
    rivals.every((rival) => {
      const difference = at(all, network, step).mean - at(all, network, step, rival).mean;
      return where === 'below' ? difference < 0 : difference > 0;
    }),
});

const final = (all: Generalisation, layers: number, width: number, optimizer = 'LSTM'): Estimate =>
  estimate(all[`${layers} × ${width} sigmoid`]![optimizer]!.finals);

const lowestEverywhere = (layers: number): Claim<Generalisation> => {
  const won = (all: Generalisation) =>
    widths.filter((width) =>
      rivals.every((rival) => final(all, layers, width).mean < final(all, layers, width, rival).mean),
    ).length;
  return {
    figure: `Fig. 6, ${layers === 1 ? 'one layer' : 'two layers'}`,
    text: `widths, of ${widths.length}, where LSTM has the lowest final loss`,
    paper: 'nearly all',
    tolerance: `all ${widths.length}`,
    ours: (all) => ({ mean: won(all), se: NaN }),
    holds: (all) => won(all) === widths.length,
  };
};

/** What Figs. 4–6 show, in a form that the runs of each φ can be held against. Written before the first test run. */
export const generalisationClaims: readonly Claim<Generalisation>[] = [
  {
    figure: 'Fig. 4 centre',
    text: `${base}: LSTM, sum of f(θ_0) … f(θ_99)`,
    paper: 'about 45 in a re-implementation',
    tolerance: 'at most 50',
    ours: (all) => estimate(all[base]!.LSTM!.sums),
    holds: (all) => estimate(all[base]!.LSTM!.sums).mean <= 50,
  },
  atMost('Fig. 4 centre', long, 98, 0.29, 0.259),
  atMost('Fig. 4 right', long, 200, 0.24, 0.213),
  compared('Fig. 4 centre', long, 100, 'below', '.259 against .336'),
  compared('Fig. 4 right', long, 200, 'below', '.213 against .264'),
  atMost('Fig. 5 left', '1 × 40 sigmoid', 98, 0.22, 0.191),
  compared('Fig. 5 left', '1 × 40 sigmoid', 98, 'below', '.191 against .306'),
  compared('Fig. 5 centre', '2 × 20 sigmoid', 98, 'below', '.329 against .705'),
  compared('Fig. 5 right', '1 × 20 relu', 98, 'above', '2.61 against .446'),
  {
    figure: 'Fig. 5 right',
    text: '1 × 20 relu: LSTM diverges, loss at step 98 not below the start',
    paper: 2.61,
    tolerance: 'at least log 10 = 2.30',
    ours: (all) => at(all, '1 × 20 relu', 98),
    holds: (all) => !(at(all, '1 × 20 relu', 98).mean < Math.log(10)),
  },
  lowestEverywhere(1),
  lowestEverywhere(2),
  {
    figure: 'Fig. 6, one layer',
    text: 'LSTM: final loss at 50 units not above that at 20, where it was trained',
    paper: 'lower',
    tolerance: 'mean losses',
    ours: (all) => final(all, 1, 50),
    holds: (all) => final(all, 1, 50).mean <= final(all, 1, 20).mean,
  },
];
