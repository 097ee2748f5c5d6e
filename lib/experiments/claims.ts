import { estimate, type Estimate } from '../statistics.js';
import type { Losses } from '../evaluate.js';

/** Something the paper says or shows, in a form that a run can hold against it. Written before the first test run. */
export interface Claim<R> {
  /** Its place, such as `Fig. 4 left`. */
  readonly figure: string;
  readonly text: string;
  /** The paper's number, or what it shows in words. */
  readonly paper: number | string;
  /** How near is near enough, in words. */
  readonly tolerance: string;
  /** Our number; null where the claim has none. */
  ours(result: R): Estimate | null;
  holds(result: R): boolean;
}

/** A claim held against a run; plain data for tables. */
export type Verdict = {
  figure: string;
  text: string;
  paper: number | string;
  tolerance: string;
  ours: Estimate | null;
  verdict: 'holds' | 'does not hold' | 'not evaluated' | `holds for ${number} of ${number}`;
};

/** Holds every claim against a result. A short run (`L2L_FAST=1`) decides nothing. */
export function verdicts<R>(claims: readonly Claim<R>[], result: R): Verdict[] {
  const short = process.env.L2L_FAST === '1';
  return claims.map(({ figure, text, paper, tolerance, ours, holds }) => ({
    figure,
    text,
    paper,
    tolerance,
    ours: short ? null : ours(result),
    verdict: short ? 'not evaluated' : holds(result) ? 'holds' : 'does not hold',
  }));
}

/**
 * Holds every claim against the results of several φ that were trained alike: how many of them it holds for. `ours` is
 * the mean over the φ, with the standard deviation between them in the place of the error.
 */
export function verdictsOver<R>(claims: readonly Claim<R>[], results: readonly R[]): Verdict[] {
  return verdicts(claims, results[0]!).map((verdict, i): Verdict => {
    const { ours, holds } = claims[i]!;
    if (verdict.verdict === 'not evaluated') return verdict;
    const means = results
      .map((result) => ours(result)?.mean)
      .filter((mean): mean is number => mean !== undefined);
    const { mean, se } = estimate(means);
    return {
      ...verdict,
      ours: means.length ? { mean, se: se * Math.sqrt(means.length) } : null,
      verdict: `holds for ${results.filter(holds).length} of ${results.length}`,
    };
  });
}

/** Mean and standard error over the runs of f(θ_t). */
export const lossAt = (losses: Losses, t: number): Estimate => estimate(losses.map((run) => run[t]!));

/** Mean and standard error over the runs of Σ f(θ_t), t = from … to. */
export const lossSum = (losses: Losses, from: number, to: number): Estimate =>
  estimate(losses.map((run) => run.slice(from, to + 1).reduce((sum, loss) => sum + loss, 0)));

/** Whether `value` lies within `share` of `paper`. */
export const within = (value: number, paper: number, share: number): boolean =>
  Math.abs(value / paper - 1) <= share;
