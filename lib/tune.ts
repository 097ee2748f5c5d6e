import { checkCount, evaluate, finalLoss, type EvaluateOptions } from './evaluate.js';
import type { OptimizeeFamily, Optimizer } from './types.js';

/** One learning rate and its {@link finalLoss}. */
export type Trial = { lr: number; loss: number };

/** The best learning rate, every trial in the order of the rates, and what the search cost. */
export type Tuning = { lr: number; loss: number; trials: Trial[]; evaluations: number };

export interface TuneOptions extends EvaluateOptions {
  /** The coarse grid: powers of 2 from 2^from to 2^to; it grows where the best lies at an edge. */
  from?: number;
  to?: number;
}

/** Octaves by which a grid grows at most. */
const most = 6;

/**
 * The learning rate with the lowest {@link finalLoss}, as the paper tunes its baselines (§3).
 *
 * First one rate per octave, and further ones beyond an edge while the best lies there; then three per octave around
 * the best of them.
 *
 * @param make the optimizer at a learning rate
 * @returns `evaluations` counts gradients of the optimizee, over all trials
 * @throws where the best lies at an edge still after six octaves more
 */
export async function tune(
  make: (lr: number) => Optimizer,
  family: OptimizeeFamily,
  { from = -12, to = 2, onProgress, ...options }: TuneOptions,
): Promise<Tuning> {
  const { steps = 100, runs = 100 } = options;
  const octaves = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  checkCount({ 'number of octaves between from and to': octaves.length });
  const trials: Trial[] = [];
  const tryAll = async (exponents: number[], later: number) => {
    const total = trials.length + exponents.length + later;
    for (const exponent of exponents) {
      const lr = 2 ** exponent;
      trials.push({ lr, loss: finalLoss(await evaluate(make(lr), family, options)) });
      onProgress?.({ done: trials.length, total, note: `lr ${lr.toPrecision(3)}` });
    }
  };
  await tryAll(octaves, 4);
  const coarse = () => Math.log2(best(trials).lr);
  let [low, high] = [from, to];
  while (coarse() === low || coarse() === high) {
    if (trials.length === octaves.length + most) {
      throw new Error(
        `the best learning rate, 2^${coarse()}, lies at the edge of 2^${low} … 2^${high} still: begin with another grid`,
      );
    }
    await tryAll([coarse() === low ? --low : ++high], 4);
  }
  const center = coarse();
  const thirds = [-2, -1, 1, 2].map((third) => center + third / 3);
  await tryAll(thirds, 0);
  trials.sort((a, b) => a.lr - b.lr);
  return { ...best(trials), trials, evaluations: trials.length * runs * (steps + 1) };
}

const best = (trials: Trial[]): Trial => trials.reduce((a, b) => (b.loss < a.loss ? b : a));
