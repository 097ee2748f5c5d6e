/**
 * Stopping a cell. The socket thread receives the interrupt; the main thread may be busy, so both share four integers:
 * what the main thread is doing, how far the interrupt has come, how long the main thread may take to see it, and whether
 * it was stopped by force.
 */
import { Session } from 'node:inspector';
import timersPromises from 'node:timers/promises';
import { promisify } from 'node:util';

/** What the main thread does when it does not answer. */
export const phases = {
  /** Idle, or in a cell's code after an `await`: stopped when it has not answered for a while. */
  user: 0,
  /** In the kernel's own code (type check, completion): not stopped. */
  kernel: 1,
  /** In a cell's code before its first `await`: stopped at once. */
  synchronous: 2,
} as const;

const at = { phase: 0, state: 1, patience: 2, forced: 3 };
export type Shared = Int32Array;
export const createShared = (): Shared => new Int32Array(new SharedArrayBuffer(16));

const stepMs = 50;
const again = 10; // steps between two forced stops
const patience = { short: 2, long: 40 }; // steps that a busy main thread may take to answer

/** Main thread: runs `work` marked as `phase`. */
export function during<T>(shared: Shared, phase: keyof typeof phases, work: () => T): T {
  const before = Atomics.exchange(shared, at.phase, phases[phase]);
  try {
    return work();
  } finally {
    Atomics.store(shared, at.phase, before);
  }
}

/** What the socket thread may do about an interrupt. */
const states = { open: 0, forcing: 1, closed: 2, done: 3 } as const;

/**
 * Main thread: handles an interrupt message with `work`. From here on nothing is stopped by force. A forced stop that is
 * already on its way must hit before `work` begins: then this ends here, and the socket thread sends the message again.
 */
export function receiveInterrupt(shared: Shared, work: () => void): void {
  while (Atomics.compareExchange(shared, at.state, states.open, states.closed) === states.forcing);
  for (let i = 0; i < 1000; i++) yieldToV8();
  Atomics.store(shared, at.phase, phases.user); // where a forced stop has left it
  work();
  Atomics.store(shared, at.state, states.done);
}

/** V8 looks for a request to stop whenever a function is entered. */
const yieldToV8 = () => {};

/** Main thread: whether the running cell will stop by itself, because it asked for the AbortSignal. */
export const setCooperative = (shared: Shared, cooperative: boolean): void =>
  void Atomics.store(shared, at.patience, cooperative ? patience.long : patience.short);

/** Main thread: whether a callback was terminated since the last call. */
export const takeForced = (shared: Shared): boolean => Atomics.exchange(shared, at.forced, 0) === 1;

/** Socket thread: sends the message to the main thread until that has handled it, and stops what keeps it busy. */
export function sendInterrupt(shared: Shared, send: () => void): void {
  Atomics.store(shared, at.state, states.open);
  send();
  setTimeout(force, 0, shared, send, 0);
}

function force(shared: Shared, send: () => void, step: number): void {
  const state = Atomics.load(shared, at.state);
  if (state === states.done) return;
  const phase = Atomics.load(shared, at.phase);
  const asked = Atomics.load(shared, at.patience);
  const waits = phase === phases.kernel || state === states.closed;
  const limit = phase === phases.synchronous && asked === patience.short ? 0 : asked;
  if (!waits && step % again === limit % again && step >= limit) terminate(shared);
  if (step > limit) send(); // the forced stop may have hit the message's handler
  setTimeout(force, stepMs, shared, send, phase === phases.kernel ? 0 : step + 1);
}

function terminate(shared: Shared): void {
  if (Atomics.compareExchange(shared, at.state, states.open, states.forcing) !== states.open) return;
  Atomics.store(shared, at.forced, 1);
  const session = new Session();
  session.connectToMainThread();
  session.post('Runtime.terminateExecution', () => session.disconnect());
  Atomics.store(shared, at.state, states.open);
}

/**
 * Timers that a cell started do not fire once the cell is cancelled, so that its asynchronous loops end.
 * (AsyncLocalStorage would follow promises too, but a forced stop with async hooks aborts Node 20.)
 */
export function installTimers(current: () => { cancelled: boolean } | null): void {
  type Start = (callback: (...args: unknown[]) => void, ...rest: unknown[]) => unknown;
  const scope = globalThis as unknown as Record<string, Start>;
  const promises = timersPromises as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
  for (const name of ['setTimeout', 'setInterval', 'setImmediate']) {
    const original = scope[name]!;
    scope[name] = (callback, ...rest) => {
      const cell = current();
      return original(cell ? (...args) => void (cell.cancelled || callback(...args)) : callback, ...rest);
    };
    if (name === 'setInterval') continue;
    const originalPromise = promises[name]!;
    const promise = async (...args: unknown[]) => {
      const cell = current();
      const value = await originalPromise(...args);
      return cell?.cancelled ? new Promise(() => {}) : value; // of a cancelled cell: stays pending
    };
    promises[name] = promise;
    Object.defineProperty(scope[name], promisify.custom, { value: promise });
  }
}
