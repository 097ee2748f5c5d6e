import type { Curves, Losses } from '../evaluate.js';
import { estimate, type Estimate } from '../statistics.js';
import { baselines } from './baselines.js';
import { lossAt, type Claim } from './claims.js';
import { clearlyBelow, paired } from './figure7.js';

/** The last step that is compared: all that φ was trained for. */
const end = 128;

/**
 * What the claims are held against, as one φ sees it: its own losses are `LSTM`'s. Left, the training style at 64 × 64
 * with the tuned baselines; right, the new style at 128 × 128 with the baselines tuned anew (`ADAM`) and as they were
 * ({@link asBefore}).
 */
export type Figure8 = { readonly left: Curves; readonly right: Curves };

/** A baseline on the new style with its rate for the training style. */
export const asBefore = (rival: string): string => `${rival}, rate as before`;

const tuned = Object.keys(baselines);
const before = tuned.map(asBefore);

const at = (losses: Losses, t: number): number[] => losses.map((run) => run[t]!);
/** Infinity where a run has diverged. */
const mean = (panel: Curves, name: string, t: number): number => {
  const { mean } = estimate(at(panel[name]!, t));
  return Number.isFinite(mean) ? mean : Infinity;
};

/** The one of these with the lowest mean loss at step t. */
export const bestAt = (panel: Curves, names: readonly string[], t = end): string =>
  names.reduce((best, name) => (mean(panel, name, t) < mean(panel, best, t) ? name : best));

/** LSTM minus another at step t, over paired runs: the same content pictures. */
const lead = (panel: Curves, name: string, t: number): Estimate =>
  paired(at(panel.LSTM!, t), at(panel[name]!, t));

/** Whether LSTM is below all of these at step t by more than two standard errors, or they have diverged and it has not. */
const belowAll = (panel: Curves, names: readonly string[], t: number): boolean =>
  names.every((name) =>
    Number.isFinite(mean(panel, name, t))
      ? clearlyBelow(lead(panel, name, t))
      : Number.isFinite(mean(panel, 'LSTM', t)),
  );

/** The first step from which on LSTM stays below all tuned baselines; undefined where it does not at the end. */
export function leadsFrom(panel: Curves): number | undefined {
  let from: number | undefined;
  for (let t = end; t > 0 && belowAll(panel, tuned, t); t--) from = t;
  return from;
}

const lowest = (
  side: keyof Figure8,
  names: readonly string[],
  which: string,
  paper: string,
): Claim<Figure8> => ({
  figure: `Fig. 8 ${side}`,
  text: `LSTM minus the best baseline ${which}, loss at step ${end}`,
  paper,
  tolerance: 'below every one of them by two standard errors of paired runs',
  ours: ({ [side]: panel }) => lead(panel, bestAt(panel, names), end),
  holds: ({ [side]: panel }) => belowAll(panel, names, end),
});

const ratio = ({ right }: Figure8): number =>
  lossAt(right.LSTM!, end).mean / mean(right, bestAt(right, tuned), end);

/** Written before the first test run. */
export const figure8Claims: readonly Claim<Figure8>[] = [
  lowest('left', tuned, 'tuned on this style', 'lowest'),
  {
    figure: 'Fig. 8 left',
    text: 'first step from which on LSTM stays below every tuned baseline',
    paper: 'not said',
    tolerance: 'at most 10; below by two standard errors of paired runs at every step',
    ours: ({ left }) => {
      const from = leadsFrom(left);
      return from === undefined ? null : { mean: from, se: NaN };
    },
    holds: ({ left }) => (leadsFrom(left) ?? Infinity) <= 10,
  },
  lowest('right', before, 'tuned on the training style', 'very good'),
  {
    figure: 'Fig. 8 right',
    text: `LSTM over the best baseline tuned on the new style, loss at step ${end}`,
    paper: 'very good',
    tolerance: 'ratio at most 1.05',
    ours: (result) => ({ mean: ratio(result), se: NaN }),
    holds: (result) => ratio(result) <= 1.05,
  },
  lowest('right', tuned, 'tuned on the new style', 'very good'),
];
