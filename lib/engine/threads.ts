import { availableParallelism } from 'node:os';

let most = Math.min(availableParallelism(), 16);

/** Lets an engine made from now on use at most `n` threads: for several processes side by side. The bits stay the same. */
export function limitThreads(n: number): void {
  most = n;
}

/** Threads for so many coordinates: one below some 500, where waking another costs more than it does. */
export const threadsFor = (coordinates: number): number => (coordinates < 500 ? 1 : most);
