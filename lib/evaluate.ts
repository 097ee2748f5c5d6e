import * as tf from '@tensorflow/tfjs';
import { unroll } from './engine/index.js';
import { release, tidy } from './params.js';
import { breathe, type Progress, type Watch } from './progress.js';
import type { OptimizeeFamily, Optimizer, Split } from './types.js';
import { onward, type Position } from './unroll.js';

export interface EvaluateOptions extends Watch {
  /** Which functions and data rows are used; only notebooks say `'test'`. */
  split: Split;
  /** Steps of one optimization. */
  steps?: number;
  /** Number of optimizations. */
  runs?: number;
  /** The first optimization's seed; the others follow. */
  seed?: number;
  /** Steps between two looks at the event loop. The losses do not depend on it. */
  unrollLength?: number;
  /** Forgets h_t after every `unrollLength` steps; see `metaTrain`. */
  resetState?: boolean;
}

/** f(θ_t) / count of every optimization: [run][t], t = 0 … steps. */
export type Losses = number[][];

/** The losses of each optimizer, by its name in a figure. */
export type Curves = { readonly [optimizer: string]: Losses };

/**
 * Runs `optimizer` on fresh functions of `family`: the curves of Figs. 4–8.
 *
 * Every optimizer sees the same functions, starting points and minibatches for the same split and seed.
 * A run that diverges reports what it met, NaN or infinity included.
 *
 * @throws where `split` is unknown or `steps` and `runs` are not whole numbers from 1 up
 */
export async function evaluate(
  optimizer: Optimizer,
  family: OptimizeeFamily,
  {
    split,
    steps = 100,
    runs = 100,
    seed = 0,
    unrollLength = 20,
    resetState = false,
    onProgress,
    signal,
  }: EvaluateOptions,
): Promise<Losses> {
  checkSplit(split);
  checkCount({ steps, runs, unrollLength });
  const losses: Losses = [];
  for (let run = 0; run < runs; run++) {
    losses.push(
      await optimize(optimizer, () => family(seed + run, split), { steps, unrollLength, resetState, signal }),
    );
    onProgress?.({ done: run + 1, total: runs });
  }
  return losses;
}

/**
 * {@link evaluate} for several optimizers on the same functions; they keep their names, which the figures draw.
 */
export async function compare(
  optimizers: { readonly [name: string]: Optimizer },
  family: OptimizeeFamily,
  { onProgress, ...options }: EvaluateOptions,
): Promise<Curves> {
  const curves: { [name: string]: Losses } = {};
  const names = Object.keys(optimizers);
  for (const [i, name] of names.entries()) {
    const whole = ({ done, total }: Progress) =>
      onProgress?.({ done: i * total + done, total: names.length * total, note: name });
    curves[name] = await evaluate(optimizers[name]!, family, { ...options, onProgress: whole });
  }
  return curves;
}

/** One optimization; f is drawn anew for every unroll, so that no tensor of it outlives a tidy. */
async function optimize(
  optimizer: Optimizer,
  draw: () => ReturnType<OptimizeeFamily>,
  {
    steps,
    unrollLength,
    resetState,
    signal,
  }: Required<Pick<EvaluateOptions, 'steps' | 'unrollLength' | 'resetState'>> & Watch,
): Promise<number[]> {
  const losses: number[] = [];
  let here: Position | undefined;
  try {
    while (losses.length <= steps) {
      await breathe(signal);
      const length = Math.min(unrollLength, steps - (here?.t ?? 0));
      const { seen, end } = tidy(() => {
        const f = draw();
        const segment = unroll(optimizer, f, onward(optimizer, f, here, resetState), length);
        return { seen: tf.stack(segment.losses).div(segment.count), end: segment.end };
      });
      // The first point of a segment is the last of the one before.
      losses.push(...(await seen.data()).slice(here ? 1 : 0));
      seen.dispose();
      release(here, end);
      here = end;
    }
  } finally {
    release(here);
  }
  return losses;
}

/**
 * The library's one criterion for choosing φ and learning rates alike: the mean loss of the last 5 steps, over all
 * runs; infinity where it is not a number. The paper chooses by final performance (§3).
 */
export function finalLoss(losses: Losses): number {
  const last = losses.flatMap((run) => run.slice(-5));
  const mean = last.reduce((sum, loss) => sum + loss, 0) / last.length;
  return Number.isNaN(mean) ? Infinity : mean;
}

/** Throws where `split` is none of the three. */
export function checkSplit(split: Split): void {
  const known: { [name in Split]: true } = { train: true, validation: true, test: true };
  if (!(split in known))
    throw new Error(`unknown split '${split}'; there are: ${Object.keys(known).join(', ')}`);
}

/** Throws where one of the named numbers is not a whole number from 1 up. */
export function checkCount(counts: { [name: string]: number }): void {
  for (const [name, n] of Object.entries(counts)) {
    if (!Number.isInteger(n) || n < 1) throw new Error(`${name} must be a whole number from 1 up, got ${n}`);
  }
}
