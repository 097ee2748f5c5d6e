// Programs measured side by side: each sets itself up, says {"ready":true,"first":ms}, then does one timed repeat for
// every line `go`. They take turns, so that a ratio is between neighbours in time.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** @typedef {{ name: string, command: string[], env?: { [name: string]: string }, repeats?: number }} Program */
/** @typedef {{ name: string, first: number, ms: number[], cpu: number[], memory: number, why?: string }} Measured */

/**
 * Starts every program, lets them take turns `rounds` times, the first not counted.
 * @param {Program[]} programs @param {number} rounds
 * @param {(text: string) => void} say
 * @returns {Promise<Measured[]>} a program that did not start has no times, and says why
 */
export async function sideBySide(programs, rounds, say) {
  const workers = [];
  for (const program of programs) {
    say(`starting ${program.name}`);
    workers.push(await startWorker(program));
  }
  for (let round = 0; round <= rounds; round++) {
    for (const { name, ask, result, repeats = Infinity } of workers) {
      if (!ask || (round > repeats && repeats)) continue;
      say(`${name}, ${round} of ${rounds}`);
      const { ms, cpu, memory } = await ask();
      result.memory = Math.max(result.memory, memory);
      if (round === 0 && repeats === Infinity) continue;
      result.ms.push(ms);
      result.cpu.push(cpu);
    }
  }
  for (const { end } of workers) end();
  return workers.map(({ result }) => result);
}

/** @param {Program} program */
async function startWorker({ name, command, env, repeats }) {
  const [file = '', ...args] = command;
  const child = spawn(file, args, {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (text) => (said = (said + text).slice(-2000)));
  child.on('error', (error) => (said += error.message));
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
  const result = { name, first: ready?.first ?? NaN, ms: [], cpu: [], memory: 0 };
  if (!ready) result.why = said.trim().split('\n').at(-1) ?? 'it did not start';
  const ask = async () => {
    child.stdin.write('go\n');
    const answer = await next();
    if (!answer) throw new Error(`${name} died: ${said.trim()}`);
    return answer;
  };
  return { name, result, repeats, ask: ready && ask, end: () => child.stdin.end('bye\n') };
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
