/** Collects written text into larger messages and keeps stdout and stderr in order. */
type Name = 'stdout' | 'stderr';

const flushAfter = 50; // ms
const liveAfter = 100; // ms: a loop that never pauses still shows its text this often
const flushLength = 32768; // characters
const later = setTimeout; // the original: interrupt.ts replaces the global one

/** Takes over `process.stdout` and `process.stderr`. Returns a function that sends what is still held back. */
export function captureStreams(emit: (name: Name, text: string) => void): () => void {
  let current: Name = 'stdout';
  let held = '';
  let flushed = 0;
  let timer: NodeJS.Timeout | null = null;

  const flush = () => {
    if (timer) clearTimeout(timer);
    timer = null;
    flushed = Date.now();
    const text = held;
    held = '';
    if (text) emit(current, text);
  };

  for (const name of ['stdout', 'stderr'] as const) {
    const decoder = new TextDecoder();
    process[name].write = (chunk: string | Uint8Array, encoding?: unknown, callback?: unknown): boolean => {
      if (name !== current) flush();
      current = name;
      held += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
      if (held.length > flushLength || Date.now() - flushed > liveAfter) flush();
      else timer ??= later(flush, flushAfter);
      const done = typeof encoding === 'function' ? encoding : callback;
      if (typeof done === 'function') done();
      return true;
    };
  }
  return () => {
    flush();
    flushed = 0; // the next text leaves at once: what follows it may be busy for long
  };
}
