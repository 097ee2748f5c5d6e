import { familyOf } from '../figures/curves.js';
import { estimate, type Estimate } from '../statistics.js';
import { baselines } from './baselines.js';
import type { Claim } from './claims.js';

export type PanelName = 'CIFAR-10' | 'CIFAR-5' | 'CIFAR-2';

/** The steps whose mean loss is compared, both ends included. */
export const windows = { early: [400, 500], late: [900, 1000] } as const;
export type Window = keyof typeof windows;

/** Of one optimizer on one panel: the mean loss of every run over each window. */
export type Windows = { readonly [window in Window]: readonly number[] };

/** What the claims are held against: by panel and optimizer (`LSTM 1`, `LSTM-sub 2`, `single 1`, `ADAM`, …). */
export type Figure7 = { readonly [panel in PanelName]: { readonly [optimizer: string]: Windows } };

const rivals = Object.keys(baselines);

/** The mean over all φ of `family` (`LSTM`, `LSTM-sub`, `single`), or one optimizer's own, of every run. */
export function familyRuns(panel: Figure7[PanelName], family: string, window: Window): number[] {
  const members = Object.keys(panel).filter((name) => name === family || familyOf(name) === family);
  if (!members.length)
    throw new Error(`no runs of ${family}; there are: ${Object.keys(panel).join(', ') || 'none'}`);
  const all = members.map((name) => panel[name]![window]);
  return all[0]!.map((_, run) => all.reduce((sum, runs) => sum + runs[run]!, 0) / members.length);
}

/** a − b over paired runs, which share θ₀ and minibatches. */
export const paired = (a: readonly number[], b: readonly number[]): Estimate =>
  estimate(a.map((x, run) => x - b[run]!));

/** Whether a paired difference is below zero by more than two standard errors. */
export const clearlyBelow = ({ mean, se }: Estimate): boolean => mean < -2 * se;

/** The tuned baseline with the lowest mean loss over the window. */
export const bestRival = (panel: Figure7[PanelName], window: Window): string =>
  rivals.reduce((best, rival) => (mean(panel[rival]![window]) < mean(panel[best]![window]) ? rival : best));

const mean = (values: readonly number[]): number => estimate(values).mean;

/** How near LSTM-sub is to the LSTM, and which of the three ways of being near it meets first, if any. */
export interface Nearness {
  readonly ratio: number;
  readonly difference: Estimate;
  readonly by: 'ratio' | 'difference below .05 nats' | 'within two standard errors' | undefined;
}

/** LSTM-sub against the LSTM over steps 400 to 500. */
export function nearness(panel: Figure7[PanelName], most: number): Nearness {
  const [sub, whole] = [familyRuns(panel, 'LSTM-sub', 'early'), familyRuns(panel, 'LSTM', 'early')];
  const ratio = mean(sub) / mean(whole);
  const difference = paired(sub, whole);
  if (!Number.isFinite(difference.mean)) return { ratio, difference, by: undefined };
  const by = ratio <= most ? 'ratio' : difference.mean < 0.05 ? 'difference below .05 nats' : difference.mean <= 2 * difference.se ? 'within two standard errors' : undefined; // prettier-ignore
  return { ratio, difference, by };
}

const words = ([from, to]: readonly [number, number]) => `steps ${from} to ${to}`;

const lowest = (panel: PanelName, window: Window): Claim<Figure7> => {
  const against = (result: Figure7) =>
    paired(
      familyRuns(result[panel], 'LSTM', window),
      result[panel][bestRival(result[panel], window)]![window],
    );
  return {
    figure: 'Fig. 7',
    text: `${panel}: LSTM minus the best tuned baseline, mean loss of ${words(windows[window])}`,
    paper: 'below',
    tolerance: 'below by two standard errors of paired runs',
    ours: against,
    holds: (result) => clearlyBelow(against(result)),
  };
};

const near = (panel: PanelName, most: number): Claim<Figure7> => ({
  figure: 'Fig. 7',
  text: `${panel}: LSTM-sub over LSTM, mean loss of ${words(windows.early)}`,
  paper: 'almost equal',
  tolerance: `ratio at most ${most}, or difference below .05 nats or two standard errors of paired runs`,
  ours: (result) => ({ mean: nearness(result[panel], most).ratio, se: NaN }),
  holds: (result) => nearness(result[panel], most).by !== undefined,
});

const twoAgainstOne = (result: Figure7) =>
  paired(familyRuns(result['CIFAR-10'], 'LSTM', 'late'), familyRuns(result['CIFAR-10'], 'single', 'late'));

/** Written before the first test run. */
export const figure7Claims: readonly Claim<Figure7>[] = [
  lowest('CIFAR-10', 'early'),
  lowest('CIFAR-10', 'late'),
  lowest('CIFAR-5', 'late'),
  lowest('CIFAR-2', 'late'),
  near('CIFAR-5', 1.3),
  near('CIFAR-5', 1.1),
  near('CIFAR-2', 1.3),
  near('CIFAR-2', 1.1),
  {
    figure: '§3.3',
    text: `CIFAR-10: two LSTMs minus one, mean loss of ${words(windows.late)}`,
    paper: 'one is not enough',
    tolerance: 'below by two standard errors of paired runs',
    ours: twoAgainstOne,
    holds: (result) => clearlyBelow(twoAgainstOne(result)),
  },
];
