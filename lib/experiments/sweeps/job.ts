import { existsSync } from 'node:fs';
import { writeWhole } from '../../checkpoint.js';
import { madeBy } from '../../madeby.js';
import type { Watch } from '../../progress.js';
import { resultPath, type Inputs } from '../../results.js';

/** A piece of a sweep: a pure function of its inputs, whose result is a file. A job whose file is there is done. */
export interface Job {
  readonly name: string;
  /** Where the result lies. */
  readonly path: string;
  /** Computes and writes the result; goes on where an earlier try stopped, if it can. */
  run(watch: Watch): Promise<void>;
}

/** Jobs that may run in any order, once the stages before are done. */
export type Stage = () => readonly Job[];

/** A job whose result is JSON, named by the hash of its inputs. */
export function jsonJob(
  kind: string,
  name: string,
  inputs: Inputs,
  compute: (watch: Watch) => Promise<unknown>,
): Job {
  const path = resultPath(kind, inputs);
  return {
    name,
    path,
    async run(watch) {
      const result = await compute(watch);
      writeWhole(path, JSON.stringify({ inputs, made: madeBy(), result }, null, 1) + '\n');
    },
  };
}

/** The jobs whose result is not there yet. */
export const open = <J extends Pick<Job, 'path'>>(jobs: readonly J[]): J[] =>
  jobs.filter(({ path }) => !existsSync(path));
