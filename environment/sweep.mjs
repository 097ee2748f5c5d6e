// npm run sweep -- <name> [--split validation] [--workers n] [--stage n] [--shard i/n]; merge <folder> …
// Runs the jobs of a sweep whose results are not there yet, one single-threaded process a core.
import { fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { merge } from './merge.mjs';
import { root, run, setUp } from './setup.mjs';

/**
 * The share of the jobs that falls to shard i of n.
 * @template T
 * @param {T[]} jobs @param {string | undefined} words such as 3/40
 */
export function shard(jobs, words) {
  if (words === undefined) return jobs;
  const [, i = 0, n = 0] = (/^(\d+)\/(\d+)$/.exec(words) ?? []).map(Number);
  if (!(i >= 1 && i <= n))
    throw new Error(`--shard must be i/n with i from 1 to n, such as 3/40; got '${words}'`);
  return jobs.filter((_, index) => index % n === i - 1);
}

/**
 * Lets worker processes take jobs until none is left. The first error ends the others after their job.
 * @param {string[]} words what every worker gets on its command line
 * @param {{ name: string, index: number, stage: number }[]} jobs
 * @param {number} workers
 * @param {(done: number, note: string) => void} report `done` jobs, with what is done of those that are not
 * @param {string} file the worker's source
 */
export async function work(
  words,
  jobs,
  workers,
  report,
  file = join(root, 'environment', 'sweep-worker.cjs'),
) {
  const waiting = [...jobs];
  /** @type {Map<object, number>} */ const parts = new Map(); // of the jobs that are done or under way, 0 to 1
  /** @type {unknown} */ let failure;
  const one = async () => {
    const child = fork(file, words, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    try {
      for (let job; !failure && (job = waiting.shift()); ) {
        const { name } = job;
        const tell = (/** @type {number} */ part) => {
          parts.set(job, part);
          const done = [...parts.values()].reduce((a, b) => a + b);
          report(done, name);
        };
        await ask(child, job, tell);
        tell(1);
      }
    } catch (error) {
      failure ??= error;
    } finally {
      child.kill();
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, jobs.length) }, one));
  if (failure) throw failure;
}

/**
 * One job in a worker.
 * @param {import('node:child_process').ChildProcess} child
 * @param {{ name: string, index: number, stage: number }} job
 * @param {(part: number) => void} tell
 * @returns {Promise<void>}
 */
const ask = (child, { name, index, stage }, tell) =>
  new Promise((resolve, reject) => {
    const heard = (/** @type {{ part?: number, error?: string }} */ { part, error }) => {
      if (part !== undefined) return tell(part);
      quit();
      if (error) reject(new Error(`${name}: ${error}`));
      else resolve();
    };
    const ended = (/** @type {number | null} */ code, /** @type {string | null} */ how) => {
      quit();
      reject(new Error(`${name}: the worker ended (${how ?? code}); start the sweep again to go on`));
    };
    const quit = () => void child.off('message', heard).off('exit', ended);
    child.on('message', heard).on('exit', ended);
    child.send({ stage, index });
  });

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      workers: { type: 'string' },
      shard: { type: 'string' },
      stage: { type: 'string' },
      split: { type: 'string', default: 'validation' },
    },
  });
  const workers = Number(values.workers ?? availableParallelism());
  if (!Number.isInteger(workers) || workers < 1)
    throw new Error(`--workers must be a whole number from 1 up, got '${values.workers}'`);
  await setUp();
  /** @type {typeof import('learning-to-learn')} */
  const library = createRequire(import.meta.url)('learning-to-learn');
  const [name = '', ...folders] = positionals;
  if (name === 'merge') {
    const { copied, known } = merge(folders, join(root, 'data', 'results'), library);
    return console.log(`${copied} results copied, ${known} were there`);
  }
  const words = [name, values.split];
  const stages = library.sweep(name, /** @type {never} */ (values.split));
  const only = values.stage === undefined ? undefined : Number(values.stage);
  if (only !== undefined && !stages[only - 1])
    throw new Error(`--stage must be a whole number from 1 to ${stages.length}, got '${values.stage}'`);
  for (const [stage, list] of stages.entries()) {
    if (only !== undefined && stage !== only - 1) continue;
    const jobs = list();
    const numbered = jobs.map(({ name, path }, index) => ({ name, path, index, stage }));
    const todo = library.open(shard(numbered, values.shard));
    console.error(
      `${name}, stage ${stage + 1} of ${stages.length}: ${jobs.length} jobs, ${todo.length} to do`,
    );
    if (!todo.length) continue;
    const bar = library.progress(`${name} ${stage + 1}/${stages.length}`);
    await work(words, todo, workers, (done, note) =>
      bar({ done: Math.floor(100 * done) / 100, total: todo.length, note }),
    );
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await run(main);
