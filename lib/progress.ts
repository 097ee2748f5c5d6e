import { frontEnd } from './frontend.js';

/** What long work tells of itself, and how it is stopped. */
export interface Watch {
  /** Called after every piece of work, at least once per optimization. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Stops the work at the next unroll; the promise rejects with the signal's reason. In a notebook the stop button does. */
  readonly signal?: AbortSignal | undefined;
}

/** `done` of `total` pieces of work; `loss` is the newest point of a live curve. */
export type Progress = { done: number; total: number; note?: string; loss?: number | undefined };

/** Lets timers, signals and other cells run; throws where the work was stopped. */
export async function breathe(signal?: AbortSignal): Promise<void> {
  await new Promise((next) => setImmediate(next));
  (signal ?? frontEnd()?.signal)?.throwIfAborted();
}
