/** What a value looks like in the notebook, and how library code sends output of its own. */
import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';

/** Representations of one output by their media types. */
export type Bundle = Record<string, unknown>;

const display = Symbol.for('Jupyter.display');

/** How libraries show values that do not describe themselves. */
export type Formatter = (value: unknown) => Bundle | Promise<Bundle> | undefined;
const formatters: Formatter[] = [];

/** A value with a method `[Symbol.for("Jupyter.display")]()` describes itself; then formatters are asked; others are text. */
export async function describeValue(value: unknown): Promise<Bundle> {
  const method = (value as { [display]?: () => Bundle | Promise<Bundle> } | null | undefined)?.[display];
  if (typeof method === 'function') return method.call(value);
  for (const format of formatters) {
    const bundle = await format(value);
    if (bundle) return bundle;
  }
  const text = typeof value === 'string' ? value : inspect(value, { depth: 3, maxArrayLength: 50 });
  return { 'text/plain': text };
}

/** `globalThis[Symbol.for("Jupyter.frontend")]`: for libraries that show figures and progress; absent outside a notebook. */
export interface FrontEnd {
  /** Shows an output, which can be changed later, also from another cell. */
  display(data: Bundle, metadata?: Bundle): { update(data: Bundle, metadata?: Bundle): void };
  clear(options?: { wait?: boolean }): void;
  /** Aborted when the user stops the running cell. Who asks for it gets time to stop by itself, so that `finally` blocks run. */
  readonly signal: AbortSignal;
  /** `repair` is called after a cell was stopped by force, which runs no `finally` block. */
  onForcedStop(repair: () => void): void;
  /** `format` says how a cell's last value is shown, or undefined where it does not know. */
  addFormatter(format: Formatter): void;
}

export type Publish = (type: string, content: Bundle) => void;

export function installFrontEnd(
  publish: Publish,
  takeSignal: () => AbortSignal,
  onForcedStop: (repair: () => void) => void,
): void {
  const frontEnd: FrontEnd = {
    display(data, metadata = {}) {
      const transient = { display_id: randomUUID() };
      publish('display_data', { data, metadata, transient });
      return {
        update: (data, metadata = {}) => publish('update_display_data', { data, metadata, transient }),
      };
    },
    clear: ({ wait = false } = {}) => publish('clear_output', { wait }),
    get signal() {
      return takeSignal();
    },
    onForcedStop,
    addFormatter: (format) => void formatters.push(format),
  };
  Object.defineProperty(globalThis, Symbol.for('Jupyter.frontend'), { value: frontEnd });
}
