import { mean, sampleStandardDeviation } from 'simple-statistics';

/** A mean and its standard error. */
export type Estimate = { mean: number; se: number };

/** Mean of the values, and the sample standard deviation over √n; the error of a single value is not known: NaN. */
export function estimate(values: readonly number[]): Estimate {
  const numbers = [...values];
  const se = numbers.length > 1 ? sampleStandardDeviation(numbers) / Math.sqrt(numbers.length) : NaN;
  return { mean: mean(numbers), se };
}

/** {@link estimate} at every step over the runs of `losses` [run][t]. */
export function estimates(losses: readonly (readonly number[])[]): Estimate[] {
  return (losses[0] ?? []).map((_, t) => estimate(losses.map((run) => run[t]!)));
}
