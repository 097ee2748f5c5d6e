// Programs measured side by side: each sets itself up, says {"ready":true,"first":ms}, then is timed for every line `go`.
// They take turns, so that a ratio is between neighbours in time.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * `rounds`: how many it takes part in at most, for slow ones; `out`: also ask for the numbers of its first run.
 * @typedef {{ name: string, command: string[], env?: { [name: string]: string }, rounds?: number, out?: boolean }} Program
 */
/**
 * Milliseconds and processor time of every round, MB above the process after import, milliseconds to the first result.
 * @typedef {{ name: string, first: number, ms: number[], cpu: number[], memory: number, out?: number[], error?: number | undefined, why?: string }} Measured
 */

/**
 * Starts every program, lets them take turns `rounds` times, the first not counted.
 * @param {Program[]} programs @param {number} rounds
 * @param {(text: string) => void} say
 * @returns {Promise<Measured[]>} a program that did not start has no times, and says why
 */
export async function sideBySide(programs, rounds, say) {
  const workers = [];
  try {
    for (const program of programs) {
      say(`starting ${program.name}`);
      workers.push(await startWorker(program));
    }
    for (let round = 0; round <= rounds; round++) {
      for (const { program, ask, result } of workers) {
        if (result.why || round > (program.rounds ?? rounds)) continue;
        say(`round ${round} of ${rounds}: ${program.name}`);
        await pause(120); // threads of the last program may still spin
        const answer = await ask('go');
        if (!answer) continue;
        result.memory = Math.max(result.memory, answer.memory);
        // A slow program's first run, before it was ready, was warm-up enough.
        if (round === 0 && !program.rounds) continue;
        result.ms.push(answer.ms);
        result.cpu.push(answer.cpu);
      }
    }
    return workers.map(({ result }) => result);
  } finally {
    for (const { end } of workers) end();
  }
}

/** @param {Program} program */
async function startWorker(program) {
  const [file = '', ...args] = program.command;
  const child = spawn(file, args, {
    env: { ...process.env, ...program.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true, // a group of its own, which can be put before the others of a busy machine
  });
  goFirst(child.pid);
  let said = '';
  child.stderr.on('data', (text) => (said = (said + text).slice(-4000)));
  child.on('error', (error) => (said += error.message));
  child.stdin.on('error', () => {}); // it died; `next` says so
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) return undefined;
      if (value.startsWith('{')) return JSON.parse(value);
    }
  };
  const ready = await next();
  /** @type {Measured} */
  const result = { name: program.name, first: ready?.first ?? NaN, ms: [], cpu: [], memory: 0 };
  const ask = async (/** @type {string} */ word) => {
    child.stdin.write(`${word}\n`);
    const answer = await next();
    if (!answer) result.why = `it died: ${said.trim().split('\n').at(-1)}`;
    return answer;
  };
  if (!ready) result.why = said.trim().split('\n').at(-1) ?? 'it did not start';
  else if (program.out) result.out = (await ask('out'))?.out;
  return { program, result, ask, end: () => child.stdin.end('bye\n') };
}

/**
 * Puts a process that leads a session before everybody else's, where the system lets us.
 * @param {number | undefined} pid
 */
function goFirst(pid) {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, '-20');
  } catch {
    // not Linux, or not allowed: measured among the others
  }
}

/** @param {number[]} values */
export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2
    ? (sorted[middle] ?? NaN)
    : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
};

/**
 * Median over the rounds of how many times longer `other` took than `ours`.
 * @param {Measured} other @param {Measured} ours
 */
export const ratio = (other, ours) => median(other.ms.map((ms, i) => ms / (ours.ms[i] ?? median(ours.ms))));
