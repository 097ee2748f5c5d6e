import { checkCount, checkSplit } from '../evaluate.js';
import { tidy } from '../params.js';
import { breathe, type Watch } from '../progress.js';
import type { Estimate } from '../statistics.js';
import type { Optimizee, OptimizeeFamily, Optimizer, Split } from '../types.js';
import { memory, type MemoryOptions } from './memory.js';
import { proposedUpdates, type Proposals } from './proposedUpdates.js';
import { updateHistory, type History, type HistoryOptions } from './updateHistory.js';

/** Everything that Figs. 10–13 and their claims are drawn from, on one f. */
export interface Look {
  readonly history: History;
  /** What each optimizer answers to one gradient, by lag; see {@link memory}. */
  readonly answers: { readonly [optimizer: string]: readonly Estimate[] };
  /** Of the first coordinates. */
  readonly proposals: readonly Proposals[];
}

export interface LookOptions extends HistoryOptions {
  memory?: MemoryOptions;
  /** Of how many coordinates, and of how many steps, proposed updates are asked for. */
  proposals?: { coordinates?: number; steps?: number };
}

/**
 * One optimization with the leader (the first of the optimizers) as Figs. 10–13 see it, and its memory.
 *
 * @throws as `updateHistory`, `memory` and `proposedUpdates` do
 */
export function lookInside(
  optimizers: { readonly [name: string]: Optimizer },
  f: Optimizee,
  { memory: asked = {}, proposals = {}, ...options }: LookOptions = {},
): Look {
  const history = updateHistory(optimizers, f, { coordinates: 100, ...options });
  const answers = Object.entries(optimizers).map(([name, m]) => [name, memory(m, history, asked)]);
  const { coordinates = 3, steps = 32 } = proposals;
  return {
    history,
    answers: Object.fromEntries(answers),
    proposals: Array.from({ length: coordinates }, (_, coordinate) =>
      proposedUpdates(optimizers, history, { coordinate, steps }),
    ),
  };
}

/**
 * {@link lookInside} on several functions of a family, each with other coordinates; the claims are means over them.
 *
 * @throws where `split` is unknown or `functions` is not a whole number from 1 up
 */
export async function looks(
  optimizers: { readonly [name: string]: Optimizer },
  family: OptimizeeFamily,
  {
    split,
    functions = 10,
    seed = 0,
    onProgress,
    signal,
    ...options
  }: LookOptions & Watch & { split: Split; functions?: number },
): Promise<Look[]> {
  checkSplit(split);
  checkCount({ functions });
  const seen: Look[] = [];
  for (let k = 0; k < functions; k++) {
    await breathe(signal);
    seen.push(tidy(() => lookInside(optimizers, family(seed + k, split), { ...options, seed: seed + k })));
    onProgress?.({ done: k + 1, total: functions });
  }
  return seen;
}
