'use strict';
// The stock tslab kernel's compiler and executor behind run(cell): keeps the notebooks portable.
const { createRequire } = require('node:module');
const path = require('node:path');
const { inspect, format } = require('node:util');

/** @typedef {{ output_type: string, [field: string]: any }} Output nbformat's */

const lines = (/** @type {unknown} */ text) => String(text).split(/(?<=\n)/);

/** nbformat keeps text as a list of lines, pictures and JSON as they are. @param {Record<string, unknown>} data */
const normalised = (data) =>
  Object.fromEntries(
    Object.entries(data).map(([mime, value]) => [
      mime,
      typeof value === 'string' && !/^image\/(png|jpeg)/.test(mime) ? lines(value) : value,
    ]),
  );

/** What a terminal would show after carriage returns. @param {string} text */
const settled = (text) =>
  text
    .split('\n')
    .map((line) => line.replace(/\r+$/, '').split('\r').at(-1))
    .join('\n');

/**
 * An engine whose cells see each other's names, in the current folder.
 * @returns {{ run(source: string): Promise<{ outputs: Output[], failed: boolean }> }}
 */
exports.createEngine = function createEngine() {
  const dist = path.join(
    path.dirname(createRequire(path.join(process.cwd(), 'x')).resolve('tslab/package.json')),
    'dist',
  );
  const { createConverter } = require(path.join(dist, 'converter.js'));
  const { createExecutor } = require(path.join(dist, 'executor.js'));
  const { JupyterHandlerImpl } = require(path.join(dist, 'jupyter.js'));

  /** @type {Output[]} */ let outputs = [];
  /** @type {unknown[][]} */ let said = [];
  /** @type {unknown[]} */ let late = [];
  /** @type {Map<string, Output[]>} */ const displays = new Map();
  let count = 0;

  const converter = createConverter({ isJS: false, isBrowser: false });
  const executor = createExecutor(
    process.cwd(),
    { node: converter, close: () => converter.close() },
    {
      log(/** @type {unknown} */ value) {
        const text = typeof value === 'string' ? value : inspect(value);
        const data = normalised({ 'text/plain': text });
        outputs.push({ output_type: 'execute_result', execution_count: count, metadata: {}, data });
      },
      error: (/** @type {unknown[]} */ ...words) => said.push(words),
    },
  );
  const handler = new JupyterHandlerImpl(executor, false);
  for (const event of ['uncaughtException', 'unhandledRejection'])
    process.on(event, (error) => late.push(error));

  const stream = (/** @type {string} */ name, /** @type {string} */ text) => {
    const last = outputs.at(-1);
    if (last?.output_type === 'stream' && last.name === name) last.text += text;
    else outputs.push({ output_type: 'stream', name, text });
  };
  const display = (/** @type {any} */ message, /** @type {boolean} */ update) => {
    const id = message.transient?.display_id;
    const shown = { data: normalised(message.data), metadata: message.metadata ?? {} };
    const places = displays.get(id) ?? [];
    if (update && places.length) return places.forEach((place) => Object.assign(place, shown));
    const output = { output_type: 'display_data', ...shown };
    outputs.push(output);
    if (id) displays.set(id, [...places, output]);
  };

  return {
    async run(source) {
      [outputs, said, late] = [[], [], []];
      count++;
      const mine = outputs;
      const fine = await handler.handleExecuteImpl({ code: source }, stream, display).then(
        () => true,
        () => false,
      );
      await new Promise((next) => setTimeout(next, 0)); // rejections and timers of this turn belong to this cell
      const thrown = said.find((words) => words.length === 1)?.[0];
      if (!fine && thrown !== undefined) mine.push(errorOutput(thrown));
      else if (!fine) mine.push(compileError(said.map((words) => format(...words)).join('\n')));
      else if (late.length) mine.push(errorOutput(late[0]));
      for (const output of mine)
        if (output.output_type === 'stream') output.text = lines(settled(output.text));
      return { outputs: mine, failed: !fine || late.length > 0 };
    },
  };
};

/** @param {unknown} thrown @returns {Output} */
function errorOutput(thrown) {
  const error =
    thrown instanceof Error || (thrown && typeof thrown === 'object')
      ? /** @type {Error} */ (thrown)
      : undefined;
  const trace = (error?.stack ?? inspect(thrown))
    .split('\n')
    .filter((line) => !/tslab[\\/]dist|node:internal|node:vm|environment[\\/]runner/.test(line))
    .map((line) => line.replace('evalmachine.<anonymous>', 'cell'));
  return {
    output_type: 'error',
    ename: error?.name ?? 'Error',
    evalue: String(error?.message ?? thrown),
    traceback: trace,
  };
}

/** @param {string} text @returns {Output} */
const compileError = (text) => ({
  output_type: 'error',
  ename: 'TypeScriptError',
  evalue: text,
  traceback: lines(text),
});
