import type { Claim } from '../experiments/claims.js';
import { estimate, type Estimate } from '../statistics.js';
import type { Look } from './look.js';
import { carriedOn, halfLife } from './memory.js';

type Updates = readonly (readonly number[])[];

/** One number of every look: mean and standard error. */
const over = (looks: readonly Look[], of: (look: Look) => number): Estimate => estimate(looks.map(of));

/** Whether an estimate lies above `least` by more than two standard errors, where those are known. */
export const clearlyAbove = ({ mean, se }: Estimate, least: number): boolean => mean - 2 * (se || 0) > least;

/** Mean size of the updates over coordinates and steps, of one optimizer over that of another. */
export const sizeRatio = (updates: Updates, others: Updates): number => meanSize(updates) / meanSize(others);

const meanSize = (updates: Updates): number => {
  const all = updates.flat();
  return all.reduce((sum, x) => sum + Math.abs(x), 0) / all.length;
};

/**
 * Σ (g_t − g_{t−1})² / 2 Σ g_t², the mean over the coordinates: near 0 where updates are smooth, 1 where they are
 * independent draws, 2 where they alternate. The size of the updates does not matter.
 */
export const roughness = (updates: Updates): number => {
  const each = updates.map((g) => {
    const later = g.slice(1);
    const steps = later.reduce((sum, x, t) => sum + (x - g[t]!) ** 2, 0);
    return steps / (2 * later.reduce((sum, x) => sum + x * x, 0) || 1);
  });
  return each.reduce((a, b) => a + b, 0) / each.length;
};

const larger = (rival: 'ADAM' | 'SGD'): Claim<readonly Look[]> => {
  const ours = (looks: readonly Look[]) =>
    over(looks, ({ history: { updates } }) => sizeRatio(updates.LSTM!, updates[rival]!));
  return {
    figure: 'Fig. 10',
    text: `the LSTM's updates are larger than ${rival}'s: ratio of mean sizes`,
    paper: 'bigger updates',
    tolerance: 'above 1 by two standard errors',
    ours,
    holds: (looks) => clearlyAbove(ours(looks), 1),
  };
};

const noisier = (looks: readonly Look[]) =>
  over(looks, ({ history: { updates } }) => roughness(updates.LSTM!) / roughness(updates.ADAM!));

const momentum = (looks: readonly Look[]) => over(looks, ({ answers }) => carriedOn(answers.LSTM!));

const shorter = (looks: readonly Look[]) =>
  over(looks, ({ answers }) => halfLife(answers.LSTM!) / halfLife(answers.ADAM!));

/**
 * What the paper reads off Fig. 10 (appendix): bigger updates than SGD and ADAM, some kind of momentum, but noisier than
 * ADAM's updates, "which may be interpreted as having a shorter time-scale momentum". Written before the first test run.
 */
export const claims10: readonly Claim<readonly Look[]>[] = [
  larger('ADAM'),
  larger('SGD'),
  {
    figure: 'Fig. 10',
    text: "the LSTM's updates are noisier than ADAM's: ratio of roughness",
    paper: 'more noisy',
    tolerance: 'above 1 by two standard errors',
    ours: noisier,
    holds: (looks) => clearlyAbove(noisier(looks), 1),
  },
  {
    figure: 'Fig. 10',
    text: 'the LSTM has a momentum: share of its answer to a gradient that comes in later steps, same direction',
    paper: 'some kind of momentum',
    tolerance: 'at least .2 (SGD 0, momentum β has β)',
    ours: momentum,
    holds: (looks) => momentum(looks).mean >= 0.2,
  },
  {
    figure: 'Fig. 10',
    text: "the LSTM's momentum is shorter than ADAM's: ratio of half-lives",
    paper: 'shorter time-scale',
    tolerance: 'below 1 by two standard errors',
    ours: shorter,
    holds: (looks) => {
      const { mean, se } = shorter(looks);
      return mean + 2 * (se || 0) < 1;
    },
  },
];
