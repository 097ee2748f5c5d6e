/** The kernel's session without sockets: `run(cell)` gives the outputs as a notebook file keeps them. */
import { findProject } from './project.js';
import type { Request } from './protocol.js';
import { createSession } from './session.js';

/** An output of nbformat 4. */
export type Output = { output_type: string; [field: string]: unknown };
type Shown = { data: Record<string, unknown>; metadata?: object; transient?: { display_id?: string } };

/** An engine whose cells see each other's names, in the current folder; one a process. */
export function createHeadless() {
  let outputs: Output[] = [];
  let clearNext = false;
  let done: (failed: boolean) => void = () => {};
  const displays = new Map<string, Output[]>();

  const add = (output: Output) => {
    if (clearNext) outputs.length = 0;
    clearNext = false;
    outputs.push(output);
  };
  const handlers: Record<string, (content: Record<string, unknown>) => void> = {
    stream({ name, text }) {
      const last = clearNext ? undefined : outputs.at(-1);
      if (last?.output_type === 'stream' && last.name === name) last.text = String(last.text) + String(text);
      else add({ output_type: 'stream', name, text });
    },
    display_data(content) {
      const { data, metadata = {}, transient } = content as Shown;
      const output = { output_type: 'display_data', data: asLines(data), metadata };
      add(output);
      const id = transient?.display_id;
      if (id) displays.set(id, [...(displays.get(id) ?? []), output]);
    },
    update_display_data(content) {
      const { data, metadata = {}, transient } = content as Shown;
      const places = displays.get(transient?.display_id ?? '') ?? [];
      for (const place of places) Object.assign(place, { data: asLines(data), metadata });
    },
    execute_result: ({ execution_count, data, metadata }) =>
      add({ output_type: 'execute_result', execution_count, data: asLines(data as Shown['data']), metadata }),
    error: ({ ename, evalue, traceback }) => add({ output_type: 'error', ename, evalue, traceback }),
    clear_output({ wait }) {
      clearNext = wait === true;
      if (!clearNext) outputs.length = 0;
    },
    execute_reply: ({ status }) => done(status !== 'ok'),
  };
  const session = createSession(findProject(), (_, type, content) => handlers[type]?.(content));
  session.warmUp();

  return {
    async run(code: string): Promise<{ outputs: Output[]; failed: boolean }> {
      const mine: Output[] = (outputs = []);
      const failed = await new Promise<boolean>((resolve) => {
        done = resolve;
        const header = { msg_type: 'execute_request', msg_id: '' };
        const content = { code, stop_on_error: false };
        session.handle({
          channel: 'shell',
          identities: [],
          header,
          content,
          received: Date.now(),
        } satisfies Request);
      });
      for (const output of mine) {
        if (output.output_type === 'stream') output.text = lines(settled(String(output.text)));
      }
      return { outputs: mine, failed };
    },
  };
}

const lines = (text: string): string[] => text.split(/(?<=\n)/);

/** nbformat keeps text as a list of lines, pictures and JSON as they are. */
const asLines = (data: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(data).map(([mime, value]) => [
      mime,
      typeof value === 'string' && !/^image\/(png|jpeg)/.test(mime) ? lines(value) : value,
    ]),
  );

/** What a terminal would show after carriage returns. */
const settled = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.replace(/\r+$/, '').split('\r').at(-1))
    .join('\n');
