import type { Frame } from '../../figures/table.js';
import { madeBy } from '../../madeby.js';
import { breathe, type Watch } from '../../progress.js';
import { estimate } from '../../statistics.js';

/** A kept run held against the same run, made here and now. */
export type Rerun = {
  network: string;
  optimizer: string;
  /** By which rule the two were compared. */
  checked: 'bit for bit' | 'near';
  agrees: boolean;
  /** The largest difference of the first five losses, relative. */
  furthest: number;
  /** The kept losses, and those made now. */
  kept: readonly number[];
  losses: readonly number[];
};

/** A kept run, and how it is made again. */
export interface KeptRun {
  readonly network: string;
  readonly optimizer: string;
  /** What made it. */
  readonly made: { readonly [what: string]: string };
  /** Its losses, and the mean of the last twenty of every run that was made with it. */
  readonly first: readonly number[];
  readonly tails: readonly number[];
  /** Its losses, made here and now. */
  again(): Promise<readonly number[]>;
}

/** What must be the same for the same bits. */
const alike = ['learning-to-learn', 'TensorFlow.js', 'LSTM kernel', 'threads'];

/**
 * Makes kept runs again, the first `most` of them. Where library, TensorFlow.js, kernel and number of threads are those
 * of the file, the losses must be the same bit for bit; elsewhere the first five to 1e-4, and the mean of the last
 * twenty to two standard deviations of the kept runs, because rounding grows along a trajectory. Each run is held
 * against itself in the file.
 */
export async function runAgain(
  runs: readonly KeptRun[],
  { most = Infinity, onProgress, signal }: Watch & { most?: number } = {},
): Promise<Rerun[]> {
  const chosen = runs.slice(0, most);
  const here = madeBy();
  const done: Rerun[] = [];
  for (const run of chosen) {
    await breathe(signal);
    const { network, optimizer, made, first: kept } = run;
    const losses = await run.again();
    done.push({ network, optimizer, ...held(losses, run, made, here), kept, losses });
    onProgress?.({ done: done.length, total: chosen.length, note: `${optimizer}, ${network}` });
  }
  return done;
}

/** How many runs were compared by each rule, and how many of them agree: a row a rule. */
export function agreement(reruns: readonly Rerun[]): Frame {
  const rules = [...new Set(reruns.map(({ checked }) => checked))];
  return {
    columns: ['compared', 'runs', 'agree', 'first five differ by at most'],
    values: rules.map((rule) => {
      const group = reruns.filter(({ checked }) => checked === rule);
      const agreeing = group.filter(({ agrees }) => agrees).length;
      return [rule, group.length, agreeing, Math.max(...group.map(({ furthest }) => furthest))];
    }),
  };
}

/** Exported for its test. */
export function held(
  run: readonly number[],
  { first, tails }: Pick<KeptRun, 'first' | 'tails'>,
  made: KeptRun['made'],
  here: KeptRun['made'],
): Pick<Rerun, 'checked' | 'agrees' | 'furthest'> {
  const furthest = Math.max(...first.slice(0, 5).map((loss, t) => gap(loss, run[t]!)));
  if (alike.every((what) => made[what] === here[what])) {
    const same =
      first.length === run.length &&
      first.every((loss, t) => gap(Math.fround(loss), Math.fround(run[t]!)) === 0);
    return { checked: 'bit for bit', agrees: same, furthest };
  }
  const whole = tails.filter(Number.isFinite);
  const deviation = estimate(whole).se * Math.sqrt(whole.length);
  const [tail, own] = [run, first].map((losses) => estimate(losses.slice(-20)).mean) as [number, number];
  const near = Number.isFinite(own) ? Math.abs(tail - own) <= 2 * deviation : !Number.isFinite(tail);
  return { checked: 'near', agrees: furthest <= 1e-4 && near, furthest };
}

/** Relative difference; none between two losses that have both diverged. */
function gap(kept: number, made: number): number {
  if (Number.isFinite(kept) !== Number.isFinite(made)) return Infinity;
  return Number.isFinite(kept) && kept !== made ? Math.abs(made / kept - 1) : 0;
}
