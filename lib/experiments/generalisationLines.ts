import { bandOfEstimates, familyOf, type Band } from '../figures/curves.js';
import { estimate, type Estimate } from '../statistics.js';
import type { Split } from '../types.js';
import { contenders, runsOf, type Panel } from './sweeps/curves.js';
import { figure6Panels } from './sweeps/figures.js';

type Lines = { [optimizer: string]: Band };

/** The lines of a panel: LSTM's from the lowest φ to the highest, its rivals' with two standard errors. */
export const bands = (panel: Panel): Lines =>
  linesOf(contenders, (contender) => {
    const { mean, se } = runsOf(panel, contender).result;
    return mean.map((loss, t) => ({ mean: loss, se: se[t]! }));
  });

/** Final losses of Fig. 6 against the width, for networks of so many layers; bands as in {@link bands}. */
export function finalBands(split: Split, layers: number): Lines {
  const networks = figure6Panels(split).filter(({ settings }) => settings.hidden.length === layers);
  return linesOf(contenders, (contender) =>
    networks.map((panel) => estimate(runsOf(panel, contender).result.finals)),
  );
}

/**
 * Everybody's line, from the estimates at its points: one for all φ, `LSTM 1`, `LSTM 2`, …, from the lowest of them to the
 * highest; those of the others with two standard errors.
 */
export function linesOf(names: readonly string[], estimatesOf: (contender: string) => Estimate[]): Lines {
  const isLearned = (name: string) => familyOf(name) === 'LSTM';
  const learned = names.filter(isLearned).map((name) => estimatesOf(name).map(({ mean }) => mean));
  const hand = names.filter((name) => !isLearned(name)).map((name) => [name, bandOfEstimates(estimatesOf(name))]); // prettier-ignore
  return { LSTM: range(learned), ...Object.fromEntries(hand) };
}

/** The mean of several φ's curves, from the lowest of them to the highest. */
function range(curves: readonly (readonly number[])[]): Band {
  const over = (of: (values: number[]) => number) =>
    curves[0]!.map((_, t) => of(curves.map((curve) => curve[t]!)));
  return {
    mean: over((values) => estimate(values).mean),
    low: over((values) => Math.min(...values)),
    high: over((values) => Math.max(...values)),
  };
}

/** Lines averaged over every so many steps, for long runs, and the steps in the middle: `at` for `lossCurves`. */
export function averaged(
  lines: { readonly [optimizer: string]: Band },
  every: number,
): { lines: Lines; at: number[] } {
  const means = (values: readonly number[]) =>
    Array.from(
      { length: Math.floor(values.length / every) },
      (_, i) => estimate(values.slice(i * every, (i + 1) * every)).mean,
    );
  const band = ({ mean, low, high }: Band): Band => ({
    mean: means(mean),
    low: means(low),
    high: means(high),
  });
  const at = means((Object.values(lines)[0]?.mean ?? []).map((_, t) => t));
  return { lines: Object.fromEntries(Object.entries(lines).map(([name, line]) => [name, band(line)])), at };
}
