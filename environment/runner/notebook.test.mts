import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { root } from '../setup.mjs';
import { execute, outputsOf, readNotebook } from './notebook.mjs';

// tslab finds packages from the notebook's folder upwards, so the folder lies in the project.
mkdirSync(join(root, '.cache'), { recursive: true });
const folder = mkdtempSync(join(root, '.cache', 'runner-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Cell = string | { tags: string[]; source: string; short?: object };
let made = 0;

/** A notebook with these code cells. */
function notebook(...cells: Cell[]): string {
  const path = join(folder, `${made++}.ipynb`);
  const code = cells.map((cell, i) => {
    const { tags, source, short } = typeof cell === 'string' ? { tags: [], source: cell, short: {} } : cell;
    const text = source.split(/(?<=\n)/);
    return {
      cell_type: 'code',
      id: `c${i}`,
      metadata: { tags, short },
      source: text,
      outputs: [],
      execution_count: null,
    };
  });
  const metadata = { kernelspec: { name: 'tslab' }, language_info: { name: 'typescript' } };
  writeFileSync(path, JSON.stringify({ cells: code, metadata, nbformat: 4, nbformat_minor: 5 }));
  return path;
}

const text = (output: { data?: { [mime: string]: string[] }; text?: string[] }) =>
  (output.data?.['text/plain'] ?? output.text ?? []).join('');

test('cells see each other, values and prints are outputs, cells are numbered', async () => {
  const { notebook: done, failure } = await execute(
    notebook('const a: number = 2; console.log("hi")', 'await null; a + 1'),
  );
  expect(failure).toBeNull();
  expect(done.cells.map((cell) => cell.execution_count)).toEqual([1, 2]);
  expect(done.cells[0]!.outputs).toEqual([{ output_type: 'stream', name: 'stdout', text: ['hi\n'] }]);
  expect(text(done.cells[1]!.outputs[0])).toBe('3');
});

test.each([
  ['a thrown error', 'throw new RangeError("boom")', 'RangeError', /^boom$/],
  ['a wrong type', 'const x: string = 5;', 'TypeScriptError', /not assignable/],
  ['a rejected promise', 'void Promise.reject(new Error("lost")); 1', 'Error', /^lost$/],
  [
    'an error in a timer',
    'setTimeout(() => { throw new Error("late") }, 5); await new Promise((r) => setTimeout(r, 60));',
    'Error',
    /^late$/,
  ],
  ['an end of the process', 'process.exit(3)', 'DeadKernel', /ended early \(3\)/],
])('%s fails the notebook, with the cell', async (_, source, ename, evalue) => {
  const { failure, notebook: done } = await execute(notebook('1', source, '"never"'));
  expect(failure).toMatchObject({ index: 1, source, error: { ename } });
  expect(failure!.error.evalue).toMatch(evalue);
  expect(done.cells[2]!.outputs).toEqual([]);
});

test('an endless loop is ended after its time', async () => {
  const { failure } = await execute(notebook('for (;;) {}'), { timeout: 1 });
  expect(failure?.error.ename).toBe('Timeout');
});

test('two thousand prints arrive, and a carriage return leaves what a terminal would show', async () => {
  const many = 'for (let i = 0; i < 2000; i++) console.log(i); process.stdout.write("10 %\\r20 %\\n")';
  const { notebook: done } = await execute(notebook(many));
  const lines = text(done.cells[0]!.outputs[0]).trim().split('\n');
  expect(lines.length).toBe(2001);
  expect(lines.at(-1)).toBe('20 %');
});

test('settings replace those of the parameters cell, whose text stays', async () => {
  const cell = {
    tags: ['parameters'],
    source: 'const settings = { runs: 5, seed: 1 };',
    short: { runs: 2 },
  };
  const path = notebook(cell, '[settings.runs, settings.seed].join()');
  const { notebook: done } = await execute(path, { settings: { seed: 9, unknown: 1 } });
  expect(text(done.cells[1]!.outputs[0])).toBe(process.env.L2L_FAST === '1' ? '2,9' : '5,9');
  expect(done.cells[0]!.source).toEqual(readNotebook(path).cells[0]!.source);
});

test('a display that is updated is shown once, in its last state', async () => {
  const source = 'import { newDisplay } from "tslab"; const d = newDisplay(); d.text("one"); d.text("two");';
  const { notebook: done } = await execute(notebook(source));
  expect(done.cells[0]!.outputs.map(text)).toEqual(['two']);
});

test('a cell with a tag can be replaced', async () => {
  const path = notebook({ tags: ['exercise'], source: 'const answer = 0;' }, 'answer');
  const { notebook: done } = await execute(path, { replace: { exercise: 'const answer = 42;' } });
  expect(text(done.cells[1]!.outputs[0])).toBe('42');
});

test('one message carries several media types, which can be collected', async () => {
  const source =
    'import { displayBundle } from "learning-to-learn"; displayBundle({ "a/b+json": { x: 1 }, "text/plain": "x" });';
  const { notebook: done } = await execute(notebook(source));
  expect(outputsOf(done, 'a/b+json')).toEqual([{ x: 1 }]);
  expect(done.cells[0]!.outputs.length).toBe(1);
});

test('on the stock engine, too, cells see each other and errors name their cell', async () => {
  const { notebook: done, failure } = await execute(
    notebook('const a: number = 2;', 'a + 1', 'throw new RangeError("boom")'),
    {
      engine: 'stock',
    },
  );
  expect(text(done.cells[1]!.outputs[0])).toBe('3');
  expect(failure).toMatchObject({ index: 2, error: { ename: 'RangeError', evalue: 'boom' } });
});

test('our engine shares names as in one program, and its traces have the lines of the cell', async () => {
  const cells = [
    'let lr = 1; const step = () => lr;',
    'lr = 2; step()',
    'type T = number;\n\nthrow new Error("x");',
  ];
  const { notebook: done, failure } = await execute(notebook(...cells));
  expect(text(done.cells[1]!.outputs[0])).toBe('2');
  expect(failure!.error.traceback.join('\n')).toMatch(/In\[3\]:3:7/);
});

test('of an output that is cleared, what came after stays', async () => {
  const clear = '(globalThis as any)[Symbol.for("Jupyter.frontend")].clear({ wait: true })';
  const { notebook: done } = await execute(notebook(`console.log("old"); ${clear}; console.log("new")`));
  expect(done.cells[0]!.outputs.map(text)).toEqual(['new\n']);
});

test('a frame and a figure show themselves as the last value of a cell', async () => {
  const { notebook: done, failure } = await execute(
    notebook(
      'import { lossCurves } from "learning-to-learn"; ({ columns: ["a"], values: [[0.123456]] })',
      'lossCurves({ SGD: [[3, 2, 1]] }, { title: "T" })',
    ),
  );
  expect(failure).toBeNull();
  expect(outputsOf(done, 'text/html')[0].join('')).toContain('>0.1235<');
  expect(outputsOf(done, 'application/vnd.plotly.v1+json').length).toBe(1);
});
