// npm run sweep -- <name> [--workers n] [--shard i/n]
// Runs the jobs of a sweep whose results are not there yet, one single-threaded process a core.
import { fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
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
 * Lets worker processes take jobs until none is left.
 * @param {string[]} sweep name, and the split where it has one
 * @param {number} stage
 * @param {{ name: string, index: number }[]} jobs
 * @param {number} workers
 * @param {(done: number, note: string) => void} report
 */
async function work(sweep, stage, jobs, workers, report) {
  const waiting = [...jobs];
  let done = 0;
  const one = async () => {
    if (!waiting.length) return;
    const child = fork(join(root, 'environment', 'sweep-worker.cjs'), [...sweep], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    try {
      for (let job; (job = waiting.shift()); report(done, job.name)) {
        child.send({ stage, index: job.index });
        const { name } = job;
        await new Promise((resolve, reject) => {
          child.once('message', (/** @type {any} */ said) => {
            child.removeAllListeners('exit');
            if (said.error) reject(new Error(`${name}: ${said.error}`));
            else resolve(undefined);
          });
          child.once('exit', (code, signal) =>
            reject(new Error(`${name}: the worker ended (${signal ?? code})`)),
          );
        });
        done++;
      }
    } finally {
      child.removeAllListeners('exit');
      child.kill();
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: workers }, one));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      workers: { type: 'string' },
      shard: { type: 'string' },
      split: { type: 'string', default: 'validation' },
    },
  });
  const workers = Number(values.workers ?? availableParallelism());
  if (!Number.isInteger(workers) || workers < 1)
    throw new Error(`--workers must be a whole number from 1 up, got '${values.workers}'`);
  await setUp();
  /** @type {typeof import('learning-to-learn')} */
  const library = createRequire(import.meta.url)('learning-to-learn');
  const name = positionals[0] ?? '';
  const words = [name, values.split];
  const stages = library.sweep(name, /** @type {never} */ (values.split)).length;
  for (let stage = 0; stage < stages; stage++) {
    const jobs = library.sweep(name, /** @type {never} */ (values.split))[stage]?.() ?? [];
    const numbered = jobs.map((job, index) => ({ ...job, index }));
    const open = new Set(library.open(jobs).map(({ path }) => path));
    const todo = shard(numbered, values.shard).filter(({ path }) => open.has(path));
    console.error(`${name}, stage ${stage + 1} of ${stages}: ${jobs.length} jobs, ${todo.length} to do`);
    if (!todo.length) continue;
    const bar = library.progress(`${name} ${stage + 1}/${stages}`);
    await work(words, stage, todo, Math.min(workers, todo.length), (done, note) =>
      bar({ done, total: todo.length, note }),
    );
  }
}

if (process.argv[1] === new URL(import.meta.url).pathname) await run(main);
