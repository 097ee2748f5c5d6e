import { evaluate } from '../../evaluate.js';
import { madeBy } from '../../madeby.js';
import { estimate } from '../../statistics.js';
import { mnistWith } from '../mnist.js';
import { breathe, type Watch } from '../../progress.js';
import { contenders, describe, optimizerOf, runsOf, type Panel } from './curves.js';

/** A kept run held against the same run, made here and now. */
export type Rerun = {
  network: string;
  optimizer: string;
  /** By which rule the two were compared. */
  checked: 'bit for bit' | 'near';
  agrees: boolean;
  /** The largest difference of the first five losses, relative. */
  furthest: number;
};

/** What must be the same for the same bits. */
const alike = ['learning-to-learn', 'TensorFlow.js', 'LSTM kernel', 'threads'];

/**
 * Makes the first of a contender's kept runs again. Where library, TensorFlow.js, kernel and number of threads are those
 * of the file, the losses must be the same bit for bit; elsewhere the first five to 1e-4, and the mean of the last
 * twenty within two standard deviations of the kept runs, because rounding grows along a trajectory.
 */
export async function rerun(panel: Panel, contender: string): Promise<Rerun> {
  const { made, result } = runsOf(panel, contender);
  const { settings, steps, split } = panel;
  const { optimizer, dispose } = optimizerOf(panel, contender);
  const [run = []] = await evaluate(optimizer, mnistWith(settings).family(), { split, steps, runs: 1 });
  dispose();
  return { network: describe(settings), optimizer: contender, ...held(run, result, made) };
}

/** {@link rerun} of one run of everybody on each of these networks, the first `most` of them. */
export async function runAgain(
  panels: readonly Panel[],
  { most = Infinity, onProgress, signal }: Watch & { most?: number } = {},
): Promise<Rerun[]> {
  const all = panels.flatMap((panel) => contenders.map((contender) => ({ panel, contender })));
  const chosen = all.slice(0, most);
  const done: Rerun[] = [];
  for (const { panel, contender } of chosen) {
    await breathe(signal);
    done.push(await rerun(panel, contender));
    onProgress?.({
      done: done.length,
      total: chosen.length,
      note: `${contender}, ${describe(panel.settings)}`,
    });
  }
  return done;
}

/** Exported for its test. */
export function held(
  run: readonly number[],
  { first, tails }: { readonly first: readonly number[]; readonly tails: readonly number[] },
  made: { readonly [what: string]: string },
  here = madeBy(),
): Pick<Rerun, 'checked' | 'agrees' | 'furthest'> {
  const furthest = Math.max(...first.slice(0, 5).map((loss, t) => Math.abs(run[t]! / loss - 1)));
  if (alike.every((what) => made[what] === here[what])) {
    const same =
      first.length === run.length && first.every((loss, t) => Math.fround(loss) === Math.fround(run[t]!));
    return { checked: 'bit for bit', agrees: same, furthest };
  }
  const { mean, se } = estimate(tails);
  const tail = estimate(run.slice(-20)).mean;
  const near = Math.abs(tail - mean) <= 2 * se * Math.sqrt(tails.length);
  return { checked: 'near', agrees: furthest <= 1e-4 && near, furthest };
}
