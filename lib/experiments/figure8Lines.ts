import type { Losses } from '../evaluate.js';
import type { Band } from '../figures/curves.js';
import { estimates } from '../statistics.js';
import type { Split } from '../types.js';
import { linesOf } from './generalisationLines.js';
import { figure8Contenders, figure8Runs, type Side } from './sweeps/figure8.js';

/** The runs that did not diverge. */
export const staying = (losses: Losses): Losses => losses.filter((run) => run.every(Number.isFinite));

/**
 * The lines of a panel of Fig. 8: LSTM's is the mean over its φ, with a band from the lowest to the highest of them; its
 * rivals' bands are two standard errors over the content pictures. Runs that diverged ({@link figure8Diverged}) are left
 * out: no mean of them is finite.
 */
export const figure8Lines = (side: Side, split: Split): { [optimizer: string]: Band } =>
  linesOf(figure8Contenders(side), (name) =>
    estimates(staying(figure8Runs(side, name, split).result.losses)),
  );

/** How many runs of every optimizer on a panel diverged, and of how many. */
export const figure8Diverged = (side: Side, split: Split): { optimizer: string; diverged: number; runs: number }[] =>
  figure8Contenders(side).map((optimizer) => {
    const { losses } = figure8Runs(side, optimizer, split).result;
    return { optimizer, diverged: losses.length - staying(losses).length, runs: losses.length };
  }); // prettier-ignore

/** Foot and head of an axis that shows where the lines part, as in the paper: from the lowest end to the highest value at `from`. */
export function zoom(
  lines: { readonly [optimizer: string]: Band },
  from: number,
): [foot: number, head: number] {
  const all = Object.values(lines);
  const lowest = Math.min(...all.map(({ mean }) => mean.at(-1)!).filter(Number.isFinite));
  const highest = Math.max(...all.map(({ mean }) => mean[from]!).filter(Number.isFinite));
  return [lowest / 1.05, highest * 1.05];
}
