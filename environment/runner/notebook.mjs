// Executes a notebook headlessly; the notebook's own text stays as it is.
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {{ cell_type: string, id: string, metadata: { tags?: string[], short?: object }, source: string[],
 *   outputs: any[], execution_count: number | null }} Cell
 * @typedef {{ cells: Cell[], [field: string]: unknown }} Notebook
 * @typedef {{ index: number, source: string, error: { ename: string, evalue: string, traceback: string[] } }} Failure
 * @typedef {{ notebook: Notebook, failure: Failure | null, seconds: number, cellSeconds: number[] }} Execution
 * @typedef {object} Options
 * @property {object} [settings] values put over those of the cell tagged `parameters`
 * @property {{ [tagOrId: string]: string }} [replace] sources put in the place of the cells with a tag or id
 * @property {number} [timeout] seconds a cell may take
 * @property {'kernel' | 'stock'} [engine] our kernel's, or that of the stock tslab kernel
 * @property {(index: number, cells: number) => void} [onCell] called when a cell starts
 */

/** @param {string} path @returns {Notebook} */
export const readNotebook = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** @param {Cell} cell @param {string} tag */
export const tagged = (cell, tag) => cell.metadata.tags?.includes(tag) ?? false;

/** @param {Cell} cell */
const isCode = (cell) => cell.cell_type === 'code' && cell.source.join('').trim() !== '';

/**
 * Runs every code cell in order, up to the first that fails, in a process of its own in the notebook's folder.
 * @param {string} path
 * @param {Options} [options]
 * @returns {Promise<Execution>}
 */
export async function execute(path, options = {}) {
  const { settings, replace = {}, timeout = 3600, engine = 'kernel', onCell } = options;
  const notebook = readNotebook(path);
  const code = notebook.cells.filter(isCode);
  const sources = notebook.cells.map((cell) => (isCode(cell) && sourceOf(cell, settings, replace)) || null);
  for (const cell of notebook.cells)
    if (cell.cell_type === 'code') Object.assign(cell, { outputs: [], execution_count: null });

  const start = Date.now();
  const child = fork(fileURLToPath(new URL('child.cjs', import.meta.url)), {
    cwd: dirname(path),
    silent: true,
  });
  let said = '';
  child.stderr?.on('data', (text) => (said += text));
  let cell = /** @type {Cell | null} */ (null);
  let cellStart = start;
  /** @type {number[]} */ const cellSeconds = [];
  /** @type {Failure | null} */ let failure = null;
  /** @type {NodeJS.Timeout | undefined} */ let clock;

  const fail = (/** @type {any} */ error) => {
    const failed = cell ?? /** @type {Cell} */ (code[0]);
    failed.outputs.push(error);
    failure = { index: notebook.cells.indexOf(failed), source: failed.source.join(''), error };
  };
  child.on('message', (/** @type {any} */ message) => {
    clearTimeout(clock);
    if ('started' in message) {
      cell = /** @type {Cell} */ (notebook.cells[message.started]);
      cellStart = Date.now();
      clock = setTimeout(() => {
        fail({
          output_type: 'error',
          ename: 'Timeout',
          evalue: `the cell took longer than ${timeout} s`,
          traceback: [],
        });
        child.kill('SIGKILL');
      }, timeout * 1000);
      onCell?.(code.indexOf(cell), code.length);
    } else if ('finished' in message && cell) {
      cell.outputs = message.outputs;
      cell.execution_count = code.indexOf(cell) + 1;
      cellSeconds.push((Date.now() - cellStart) / 1000);
      if (message.failed) fail(cell.outputs.pop());
    }
  });
  child.send({ engine, sources });
  const exit = await new Promise((resolve) =>
    child.on('exit', (status, signal) => resolve(status ?? signal)),
  );
  clearTimeout(clock);
  const evalue = `the process of ${basename(path)} ended early (${exit})\n${said.trim()}`;
  if (exit !== 0 && !failure) fail({ output_type: 'error', ename: 'DeadKernel', evalue, traceback: [] });
  return { notebook, failure, seconds: (Date.now() - start) / 1000, cellSeconds };
}

/**
 * @param {Cell} cell
 * @param {object | undefined} settings
 * @param {{ [tag: string]: string }} replace
 */
function sourceOf(cell, settings, replace) {
  const other = Object.entries(replace).find(([key]) => key === cell.id || tagged(cell, key))?.[1];
  const source = other ?? cell.source.join('');
  if (!tagged(cell, 'parameters')) return source;
  const short = process.env.L2L_FAST === '1' ? cell.metadata.short : undefined;
  const known = Object.entries({ ...short, ...settings }).filter(([key]) =>
    new RegExp(`\\b${key}\\s*:`).test(source),
  );
  return known.length
    ? `${source}\nvoid Object.assign(settings, ${JSON.stringify(Object.fromEntries(known))});`
    : source;
}

/**
 * Everything of one media type in a notebook's outputs.
 * @param {Notebook} notebook
 * @param {string} mime
 * @returns {any[]}
 */
export const outputsOf = (notebook, mime) =>
  notebook.cells
    .flatMap((cell) => cell.outputs ?? [])
    .flatMap((output) => (output.data?.[mime] ? [output.data[mime]] : []));
