/** Runs the cells one after the other and publishes what they write, show and return. */
import { format } from 'node:util';
import { describeValue, type Bundle } from './display.js';
import type { Engine } from './engine.js';
import { during, setCooperative, takeForced, type Shared } from './interrupt.js';
import type { History } from './history.js';
import type { Request, Send } from './protocol.js';
import { captureStreams } from './streams.js';
import { hidePaths } from './trace.js';

interface ExecuteContent {
  code: string;
  silent?: boolean;
  store_history?: boolean;
  stop_on_error?: boolean;
  user_expressions?: Record<string, string>;
}

interface ErrorContent extends Bundle {
  ename: string;
  evalue: string;
  traceback: string[];
}

/** A cell that runs. */
interface Job {
  request: Request;
  content: ExecuteContent;
  cancelled: boolean;
  abort: AbortController;
  /** The cell's code has asked for the signal. */
  cooperative: boolean;
  /** Whether the cell is kept in the history. */
  keep: boolean;
}

const keyboardInterrupt = () => Object.assign(new Error('stopped'), { name: 'KeyboardInterrupt' });

const abortWindow = 50; // ms: after an error, requests that "Run all" has already sent arrive within this time
const grace = 1500; // ms, for code that stops by itself
const later = setTimeout; // the originals: interrupt.ts replaces the global ones
const nextTurn = setImmediate;

export type Runner = ReturnType<typeof createRunner>;

export function createRunner(send: Send, run: Engine['run'], history: History, shared: Shared) {
  let current: Job | null = null;
  let output: Request | null = null; // where text goes: the newest cell, also after its end
  let count = 0;
  let waiting = false; // between two cells
  const queue: Request[] = [];
  const repairs: (() => void)[] = [];

  const publish = (type: string, content: Bundle) => {
    if (!current?.content.silent) send('iopub', type, content, output);
  };
  const flush = captureStreams((name, text) => publish('stream', { name, text }));
  /** Sends to the newest cell, after the text written so far. */
  const show = (type: string, content: Bundle) => {
    flush();
    publish(type, content);
  };
  const status = (execution_state: string, request: Request) =>
    send('iopub', 'status', { execution_state }, request);

  function next(): void {
    waiting = false;
    const request = queue.shift();
    if (request) during(shared, 'kernel', () => begin(request));
  }

  function begin(request: Request): void {
    const content = request.content as unknown as ExecuteContent;
    const keep = !content.silent && content.store_history !== false;
    if (keep) count++;
    flush();
    output = request;
    const job = {
      request,
      content,
      cancelled: false,
      abort: new AbortController(),
      cooperative: false,
      keep,
    };
    current = job;
    setCooperative(shared, false);
    takeForced(shared);
    status('busy', request);
    publish('execute_input', { code: content.code, execution_count: count });
    if (keep) history.add(count, content.code);
    later(() => void work(job), 0); // in a turn of its own, so that a forced stop hits nothing else
  }

  async function work(job: Job): Promise<void> {
    const { content, abort } = job;
    try {
      abort.signal.throwIfAborted();
      const value = await run(content.code, `In[${count}]`);
      await new Promise((done) => nextTurn(() => nextTurn(done))); // rejections of this cell are reported by then
      abort.signal.throwIfAborted();
      if (value !== undefined) {
        const data = await describeValue(value);
        if (current !== job) return;
        if (job.keep) history.add(count, content.code, String(data['text/plain'] ?? ''));
        show('execute_result', { execution_count: count, data, metadata: {} });
      }
      const user_expressions = await evaluate(content.user_expressions ?? {});
      finish(job, { status: 'ok', user_expressions });
    } catch (thrown) {
      fail(job, thrown);
    }
  }

  /** Ends a cell with an error: its own, or one from outside. Does nothing where the cell has ended. */
  function fail(job: Job, thrown: unknown): void {
    if (current !== job) return;
    if (takeForced(shared)) for (const repair of repairs) repair();
    const error = errorContent(thrown);
    show('error', error);
    finish(job, { status: 'error', ...error });
  }

  function finish(job: Job, outcome: Bundle): void {
    if (current !== job) return;
    const { request, content } = job;
    flush();
    send('shell', 'execute_reply', { execution_count: count, payload: [], ...outcome }, request);
    status('idle', request);
    const goOn = outcome.status === 'ok' || content.stop_on_error === false;
    waiting = true;
    current = null;
    if (goOn) later(next, 0);
    else later(abortPending, abortWindow, Date.now() + abortWindow);
  }

  /** After an error: what was requested before `until` is not run. */
  function abortPending(until: number): void {
    while (queue[0] && queue[0].received <= until) {
      const pending = queue.shift()!;
      status('busy', pending);
      send('shell', 'execute_reply', { status: 'aborted' }, pending);
      status('idle', pending);
    }
    next();
  }

  async function evaluate(expressions: Record<string, string>): Promise<Bundle> {
    const results: Bundle = {};
    for (const [name, code] of Object.entries(expressions)) {
      try {
        results[name] = { status: 'ok', data: await describeValue(await run(code, name)), metadata: {} };
      } catch (error) {
        results[name] = { status: 'error', ...errorContent(error) };
      }
    }
    return results;
  }

  return {
    show,
    current: (): { cancelled: boolean } | null => current,

    add(request: Request): void {
      queue.push(request);
      if (!current && !waiting) next();
    },

    /** `at`: when the interrupt came in. A cell that was requested later is not meant. May be called again. */
    interrupt(at: number): void {
      const job = current;
      if (!job || job.request.received > at) return;
      job.abort.abort(keyboardInterrupt());
      const stop = () => {
        job.cancelled = true;
        fail(job, keyboardInterrupt());
      };
      const left = grace - (Date.now() - at); // the code may have been busy since
      if (job.cooperative) later(stop, Math.max(left, 200));
      else stop();
    },

    /** The running cell's signal, for code that stops by itself. */
    takeSignal(): AbortSignal {
      if (!current) return new AbortController().signal;
      current.cooperative = true;
      setCooperative(shared, true);
      return current.abort.signal;
    },

    /** Registers what puts a library right after a cell was stopped by force, which runs no `finally` block. */
    onForcedStop: (repair: () => void): void => void repairs.push(repair),

    /** An exception or a rejection that no code caught: an error of the running cell. */
    uncaught(error: unknown): void {
      if (current) fail(current, error);
      else process.stderr.write(`Uncaught ${errorContent(error).traceback.join('\n')}\n`);
    },
  };
}

function errorContent(thrown: unknown): ErrorContent {
  if (thrown instanceof Error && thrown.name === 'KeyboardInterrupt')
    return { ename: thrown.name, evalue: thrown.message, traceback: [String(thrown)] };
  if (!(thrown instanceof Error)) {
    const text = format('%o', thrown);
    return { ename: 'Error', evalue: text, traceback: [`Uncaught ${text}`] };
  }
  const trace = hidePaths(String(thrown.stack ?? thrown)).split('\n');
  return { ename: thrown.name, evalue: hidePaths(thrown.message), traceback: trace };
}
