import { availableParallelism, freemem } from 'node:os';

let most: number | undefined;

/** Lets an engine made from now on use at most `n` threads: for several processes side by side. The bits stay the same. */
export function limitThreads(n: number): void {
  most = n;
}

/** Threads for so many coordinates: one below some 500, where waking another costs more than it does. */
export function threadsFor(coordinates: number): number {
  if (coordinates < 500) return 1;
  return most ?? Math.max(1, setting('L2L_THREADS', Math.min(availableParallelism(), 16)));
}

/**
 * Bytes that the activations of an unroll may take: where they would take more, they are computed again, at 1.1 to 1.3
 * times the cost. `L2L_MEMORY` sets another limit, in MiB.
 */
export function roomForActivations(): number {
  return 2 ** 20 * setting('L2L_MEMORY', Math.min(512, freemem() / 2 ** 22));
}

function setting(name: string, otherwise: number): number {
  const text = process.env[name];
  if (!text) return otherwise;
  if (/^\d+$/.test(text)) return Number(text);
  throw new Error(`${name} must be a whole number, got '${text}'`);
}
