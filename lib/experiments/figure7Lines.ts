import { bandOfEstimates, familyOf, type Band } from '../figures/curves.js';
import { estimate } from '../statistics.js';
import type { Split } from '../types.js';
import type { PanelName } from './figure7.js';
import { figure7Contenders, figure7Runs } from './sweeps/figure7.js';

/**
 * The lines of a panel of Fig. 7, by family: `LSTM`, `LSTM-sub` or `single`, and every baseline. A learned one's is the mean
 * over its φ. The bands are two standard errors of the runs; those of several φ share their seeds, so theirs are averaged.
 */
export function figure7Lines(panel: PanelName, split: Split): { [family: string]: Band } {
  const members: { [family: string]: string[] } = {};
  for (const name of figure7Contenders(panel)) (members[familyOf(name)] ??= []).push(name);
  return Object.fromEntries(
    Object.entries(members).map(([family, names]) => {
      const all = names.map((name) => figure7Runs(panel, name, split).result);
      const over = (key: 'mean' | 'se', t: number) => estimate(all.map((runs) => runs[key][t]!)).mean;
      const points = all[0]!.mean.map((_, t) => ({ mean: over('mean', t), se: over('se', t) }));
      return [family, bandOfEstimates(points)];
    }),
  );
}
