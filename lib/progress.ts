/** What long work tells of itself, and how it is stopped. */
export interface Watch {
  /** Called after every piece of work, at least once per optimization. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Stops the work at the next unroll; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** `done` of `total` pieces of work. */
export type Progress = { done: number; total: number; note?: string };

/** Lets timers, signals and other cells run; throws where the work was stopped. */
export async function breathe(signal?: AbortSignal): Promise<void> {
  await new Promise((next) => setImmediate(next));
  signal?.throwIfAborted();
}
