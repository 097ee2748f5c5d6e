import { mean, standardDeviation } from 'simple-statistics';
import { xorGaussians, type StreamFamily, type XorGaussiansOptions } from '../datasets/xorGaussians.js';
import { madeBy } from '../madeby.js';
import { breathe, type Watch } from '../progress.js';
import { remembered } from '../results.js';
import { rivals, type Grids } from '../rivals/index.js';
import type { Split } from '../types.js';
import type { StreamExperiment } from './streams.js';

/** What the rivals choose from, with the mean cross-entropy of held-out examples as the criterion for all of them. */
export const rivalGrids: Grids = {
  folds: 5,
  logistic: { penalty: ['L1', 'L2'], C: [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100] },
  svm: { C: [0.03, 0.3, 3, 30], decimals: 3 },
  rbf: { gamma: [1 / 32, 1 / 8, 1 / 2, 2] },
};

interface Candidates {
  readonly sets: number;
  /** No validation goes that far. */
  readonly seed: number;
  readonly options: readonly XorGaussiansOptions[];
}

const clean = ([dim, noise]: readonly number[]) => ({ dim, noise, labels: 'clean' }) as XorGaussiansOptions;

/** What the text lost or leaves open: first many candidates, then the nearest on more and other data sets. */
const rounds: readonly Candidates[] = [
  {
    sets: 60,
    seed: 1_000_000,
    options: [
      ...[
        [3, 1],
        [3, 0.5],
        [2, 1],
        [4, 1],
        [4, 2],
        [6, 1],
      ].map(clean),
      ...[4, 8].map((dim) => ({ dim, noise: 0.1, labels: 'noisy' as const })),
    ],
  },
  { sets: 250, seed: 1_100_000, options: [[3, 1], [4, 1]].map(clean) }, // prettier-ignore
  { sets: 250, seed: 1_100_000, options: [[4, 1.25]].map(clean) },
];

/**
 * The rivals on every candidate for the number of inputs and the noise, which the paper's text lost, and for the reading of
 * the labels: mean (standard deviation) of the cross-entropy. Kept in `data/results/`; the choice stands in `bosc.ts`.
 */
export async function calibration({ again = false, onProgress, signal }: Watch & { again?: boolean } = {}) {
  // As it was when the choice was made: decision values were not yet rounded.
  const grids = { ...rivalGrids, svm: { C: rivalGrids.svm.C } };
  const all: { [column: string]: number | string }[] = [];
  for (const candidates of rounds) {
    const inputs = { experiment: 'bosc', candidates, grids };
    const compute = async () => {
      const rows: { [column: string]: number | string }[] = [];
      for (const options of candidates.options) {
        const { dim, noise, labels, threshold = 'example' } = options;
        const losses = await rivalLosses(xorGaussians(options), 'validation', candidates, { signal, grids });
        const entries = Object.entries(losses).map(([name, values]) => [name, meanAndDeviation(values)]);
        rows.push({ dim: dim!, noise: noise!, labels: labels!, threshold, ...Object.fromEntries(entries) });
        onProgress?.({ done: rows.length, total: candidates.options.length });
      }
      return rows;
    };
    const rows = await remembered('calibration', inputs, compute, { again, made: madeBy() });
    all.push(...rows.map((row) => ({ sets: candidates.sets, ...row })));
  }
  return all;
}

/** `.508 (.164)`: mean and standard deviation. */
export const meanAndDeviation = (values: readonly number[]): string =>
  `${mean([...values]).toFixed(3)} (${standardDeviation([...values]).toFixed(3)})`;

/** The cross-entropy of every rival on the test parts of `sets` streams. */
export async function rivalLosses(
  family: StreamFamily,
  split: Split,
  { sets, seed = 0 }: { sets: number; seed?: number },
  { onProgress, signal, grids = rivalGrids }: Watch & { grids?: Grids } = {},
): Promise<{ [rival: string]: number[] }> {
  const names = Object.keys(rivals);
  const losses: { [rival: string]: number[] } = Object.fromEntries(names.map((name) => [name, []]));
  for (let i = 0; i < sets; i++) {
    await breathe(signal);
    const stream = family(seed + i, split);
    for (const name of names) losses[name]!.push(rivals[name]!(stream, grids).loss);
    onProgress?.({ done: i + 1, total: sets });
  }
  return losses;
}

/** {@link rivalLosses} of an experiment, kept in `data/results/`: they depend on no φ. */
export async function keptRivals(
  { name, settings, family }: Pick<StreamExperiment<never>, 'name' | 'settings' | 'family'>,
  split: Split,
  sets: number,
  { again = false, ...watching }: Watch & { again?: boolean } = {},
): Promise<{ [rival: string]: number[] }> {
  const inputs = {
    experiment: name,
    split,
    sets,
    steps: settings.steps,
    data: settings.data,
    grids: rivalGrids,
  };
  const compute = () => rivalLosses(family(), split, { sets }, watching);
  return remembered('rivals', inputs, compute, { again, made: madeBy() });
}
