/** A kernel without its sockets: cells, names, output, interrupts. `send` takes the messages that Jupyter would get. */
import { Readable } from 'node:stream';
import { installFrontEnd, type Bundle } from './display.js';
import { createEngine, type Engine, type EngineOptions } from './engine.js';
import { createRunner } from './execute.js';
import { createHistory, type HistoryQuery } from './history.js';
import { createShared, during, installTimers } from './interrupt.js';
import type { Request, Send } from './protocol.js';
import { tslabModule } from './tslab.js';
import { installTraces } from './trace.js';

export type Session = ReturnType<typeof createSession>;

/** One a process: it takes over the process's streams, timers, error traces and uncaught errors. */
export function createSession(options: Omit<EngineOptions, 'shared' | 'provided'>, send: Send) {
  const shared = createShared();
  installTraces(options.root);
  Error.stackTraceLimit = 50; // a trace through a library must reach the cell
  const history = createHistory();
  const runner = createRunner(send, async (code, label) => engine().run(code, label), history, shared);
  const provided = {
    tslab: () =>
      tslabModule((message, update) =>
        runner.show(update ? 'update_display_data' : 'display_data', { ...message }),
      ),
  };
  const engine = once<Engine>(() =>
    during(shared, 'kernel', () => createEngine({ ...options, shared, provided })),
  );
  installTimers(runner.current);
  installFrontEnd(runner.show, runner.takeSignal, runner.onForcedStop);
  Object.defineProperty(process, 'stdin', { get: noInput });
  process.on('uncaughtException', (error) => runner.uncaught(error));
  process.on('unhandledRejection', (reason) => runner.uncaught(reason));

  /** What the handlers answer; a request of another type is not known. */
  const handlers: Record<string, (content: Bundle) => Bundle> = {
    complete_request({ code, cursor_pos }) {
      const { start, end, matches } = engine().complete(String(code), utf16(String(code), cursor_pos));
      const [cursor_start, cursor_end] = [points(String(code), start), points(String(code), end)];
      return { cursor_start, cursor_end, matches, metadata: {} };
    },
    inspect_request({ code, cursor_pos }) {
      const text = engine().inspect(String(code), utf16(String(code), cursor_pos));
      return { found: text !== null, data: text === null ? {} : { 'text/plain': text }, metadata: {} };
    },
    is_complete_request: ({ code }) => engine().isComplete(String(code)),
    history_request: (content) => ({ history: history.search(content as HistoryQuery) }),
    comm_info_request: () => ({ comms: {} }),
  };

  return {
    shared,
    interrupt: runner.interrupt,

    /** Makes TypeScript's tables, which the first completion needs, and tslab's display channel, for which libraries look. */
    warmUp(): void {
      try {
        provided.tslab();
        engine().complete('', 0);
      } catch {
        // the first cell says why
      }
    },

    handle(request: Request): void {
      const type = request.header.msg_type;
      if (type === 'execute_request') return runner.add(request);
      if (type === 'comm_open')
        return send('iopub', 'comm_close', { comm_id: request.content.comm_id, data: {} }, request);
      if (!type.endsWith('_request')) return;
      send('iopub', 'status', { execution_state: 'busy' }, request);
      send('shell', type.replace('_request', '_reply'), answer(handlers[type], request), request);
      send('iopub', 'status', { execution_state: 'idle' }, request);
    },
  };
}

function answer(handler: ((content: Bundle) => Bundle) | undefined, { header, content }: Request): Bundle {
  const failed = (evalue: string) => ({ status: 'error', ename: 'KernelError', evalue, traceback: [] });
  if (!handler) return failed(`${header.msg_type} is not supported by this kernel`);
  try {
    return { status: 'ok', ...handler(content) };
  } catch (error) {
    return failed(String(error));
  }
}

/** Makes the value when it is first needed; if that fails, every call tries again and says why. */
function once<T>(create: () => T): () => T {
  let made: { value: T } | null = null;
  return () => (made ??= { value: create() }).value;
}

/** Whoever reads gets an error instead of waiting for ever. */
function noInput(): Readable {
  const why = 'input is not supported: a notebook has no stdin, write the value into the cell';
  return new Readable({
    read() {
      this.destroy(new Error(why));
    },
  });
}

/** Positions in messages count code points, those in TypeScript count UTF-16 units. */
const utf16 = (text: string, position: unknown) => [...text].slice(0, Number(position)).join('').length;
const points = (text: string, position: number) => [...text.slice(0, position)].length;
