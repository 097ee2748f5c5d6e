import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { clean } from './clean.mjs';
import { execute, outputsOf, readNotebook, tagged } from './runner/notebook.mjs';
import { root } from './setup.mjs';

const folder = join(root, 'notebooks');
const files = readdirSync(folder).filter((name) => name.endsWith('.ipynb'));
const solutions = join(folder, 'solutions');

test('there are notebooks', () => expect(files.length).toBeGreaterThanOrEqual(3));

describe.each(files)('%s', (file) => {
  const path = join(folder, file);
  const number = file.slice(0, 2);
  const { cells } = readNotebook(path);
  const code = cells.filter((cell) => cell.cell_type === 'code');
  const source = (cell: { source: string[] }) => cell.source.join('');

  test('a short run passes, and says of itself that it is short', async () => {
    const { failure, notebook } = await execute(path);
    expect(failure).toBeNull();
    for (const figure of outputsOf(notebook, 'application/vnd.plotly.v1+json')) {
      expect(figure.layout.title.text).toContain('short run');
    }
    for (const { verdict } of outputsOf(notebook, 'application/vnd.learning-to-learn.verdicts+json').flat()) {
      expect(verdict).toBe('not evaluated');
    }
  });

  test('a short run passes on the stock tslab kernel, too', async () => {
    const { failure } = await execute(path, { engine: 'stock' });
    expect(failure).toBeNull();
  });

  test('the exercise accepts its solution and rejects an unsolved and two wrong ones', async () => {
    const answers = ['', `${number}.ts`, `${number}.wrong-1.ts`, `${number}.wrong-2.ts`];
    const accepted = await Promise.all(answers.map((answer) => verdict(path, answer)));
    expect(accepted).toEqual([false, true, false, false]);
  });

  test('exactly one cell is tagged parameters and holds `const settings = { … };`', () => {
    const parameters = code.filter((cell) => tagged(cell, 'parameters'));
    expect(parameters.length).toBe(1);
    expect(source(parameters[0]!)).toMatch(/^const settings = \{[^]*\};$/);
    expect(Object.keys(parameters[0]!.metadata.short ?? {}).length).toBeGreaterThan(0);
  });

  test('ends with an exercise, its check and the provenance', () => {
    const tags = code.slice(-3).map((cell) => cell.metadata.tags?.[0]);
    expect(tags).toEqual(['exercise', 'check', undefined]);
    expect(source(code.at(-1)!)).toContain('provenance(');
  });

  test('is short: 120 lines of code, 15 a cell', () => {
    const lines = code.map((cell) => source(cell).split('\n').length);
    expect(Math.max(...lines)).toBeLessThanOrEqual(15);
    expect(lines.reduce((a, b) => a + b)).toBeLessThanOrEqual(120);
  });

  test('says minutes and prerequisites at the top, and something before every code cell', () => {
    expect(source(cells[0]!)).toMatch(/^# .*\n\n\*.*minute.*\*/);
    cells.forEach((cell, i) => cell.cell_type === 'code' && expect(cells[i - 1]!.cell_type).toBe('markdown'));
  });

  test('avoids what stock tslab gets wrong: `let` across cells, a first `await (`', () => {
    for (const cell of code) {
      expect(source(cell)).not.toMatch(/^(let|var) /m);
      expect(/\bfor await|await\s*\S/.exec(source(cell))?.[0] ?? '').not.toMatch(/for await|\($/);
    }
  });

  test('is committed clean, executed in full, without an error', () => {
    const text = readFileSync(path, 'utf8');
    expect(text).toBe(clean(JSON.parse(text)));
    code.forEach((cell, i) => expect(cell.execution_count).toBe(i + 1));
    expect(text).not.toMatch(/"output_type": "error"|<script|short run/);
  });
});

/** What the check says of an answer, without running the rest of the notebook. */
async function verdict(path: string, answer: string): Promise<boolean> {
  const { cells } = readNotebook(path);
  const imports = cells.findIndex((cell) => cell.cell_type === 'code');
  const needed = cells.filter(
    (cell, i) => i === imports || tagged(cell, 'exercise') || tagged(cell, 'check'),
  );
  const skip = Object.fromEntries(
    cells.filter((cell) => !needed.includes(cell)).map((cell) => [cell.id, '']),
  );
  const replace = answer ? { exercise: readFileSync(join(solutions, answer), 'utf8') } : {};
  const { notebook, failure } = await execute(path, { replace: { ...skip, ...replace } });
  if (failure) throw new Error(`${answer}: ${failure.error.evalue}`);
  return outputsOf(notebook, 'application/vnd.learning-to-learn.check+json')[0].accepted;
}
