// npm run reproduce [-- 02 03 … | all] [--full] [--write] [--set lr=.01] [--set split=validation]
// Executes notebooks and prints a verdict for every claim of the paper that they test.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { clean } from './clean.mjs';
import { execute, outputsOf, readNotebook, tagged } from './runner/notebook.mjs';
import { root, run, setUp } from './setup.mjs';
import { writePictures, writeRow } from './write-back.mjs';

const notebooks = join(root, 'notebooks');
const results = join(root, 'reproduced');
const first = ['01', '02', '03'];

/** @typedef {import('./runner/notebook.mjs').Execution} Execution */

/**
 * The notebooks that the words on the command line stand for, each once, in their order on the line.
 * @param {readonly string[]} words
 * @param {string[]} known
 */
export function chosen(words, known) {
  return [...new Set((words.length ? words : first).flatMap((word) => named(word, known)))];
}

/**
 * @param {string} word
 * @param {string[]} known
 */
function named(word, known) {
  if (word === 'all') return known;
  const found = known.filter(
    (name) => name === word || name.startsWith(`${word}-`) || name === `${word}.ipynb`,
  );
  if (found.length) return found;
  throw new Error(
    `unknown notebook '${word}'; there are: all, ${known.map((name) => name.replace('.ipynb', '')).join(', ')}`,
  );
}

/**
 * Values for fields of a notebook's `settings`, from words such as `lr=.01`, `split=validation` or `{"steps":20}`.
 * @param {readonly string[]} words
 * @returns {{ [field: string]: unknown }}
 */
export function settingsOf(words) {
  return Object.assign(
    {},
    ...words.map((word) => (word.startsWith('{') ? JSON.parse(word) : oneSetting(word))),
  );
}

/** @param {string} word */
function oneSetting(word) {
  const [, field = '', text = ''] = /^([A-Za-z_]\w*)=(.+)$/s.exec(word) ?? [];
  if (!field) throw new Error(`--set takes field=value, for example --set lr=.01; got '${word}'`);
  const number = Number(text);
  if (!Number.isNaN(number)) return { [field]: number };
  try {
    return { [field]: JSON.parse(text) };
  } catch {
    return { [field]: text };
  }
}

/**
 * @param {{ [field: string]: unknown }} settings
 * @param {import('./runner/notebook.mjs').Notebook} notebook
 * @param {string} file
 * @throws {Error} where the notebook's settings have no such field, listing those it has
 */
export function checkSettings(settings, notebook, file) {
  const source = notebook.cells.find((cell) => tagged(cell, 'parameters'))?.source.join('') ?? '';
  const fields = [...source.matchAll(/(\w+)\s*:/g)].map(([, field]) => field);
  const unknown = Object.keys(settings).find((field) => field !== 'full' && !fields.includes(field));
  if (unknown) throw new Error(`${file} has no setting '${unknown}'; there are: ${fields.join(', ')}`);
}

/** @param {number} seconds */
function clock(seconds) {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/**
 * One line a notebook and cell; the remaining time comes from the last run's cells.
 * @param {string} name
 * @param {number[]} before
 */
function reporter(name, before) {
  const start = Date.now();
  return (/** @type {number} */ index, /** @type {number} */ cells) => {
    const left = before.slice(index).reduce((sum, seconds) => sum + seconds, 0);
    const rest = before.length === cells ? `, about ${clock(left)} left` : '';
    const line = `${name}: cell ${index + 1} of ${cells}, ${clock((Date.now() - start) / 1000)} elapsed${rest}`;
    process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
  };
}

/**
 * Writes the executed notebook and the numbers of its figures.
 * @param {string} file
 * @param {Execution} execution
 */
function keep(file, { notebook, cellSeconds }) {
  const name = file.replace('.ipynb', '');
  mkdirSync(results, { recursive: true });
  writeFileSync(join(results, file), JSON.stringify(notebook, null, 1) + '\n');
  const figures = outputsOf(notebook, 'application/vnd.plotly.v1+json').map(({ data, layout }) => ({
    title: layout.title?.text,
    traces: data.map((/** @type {any} */ { name, x, y }) => ({ name, x, y })),
  }));
  writeFileSync(join(results, `${name}.figures.json`), JSON.stringify(figures, null, 1) + '\n');
  writeFileSync(join(results, `${name}.seconds.json`), JSON.stringify(cellSeconds) + '\n');
  const pictures = picturesOf(notebook);
  pictures.forEach(({ png }, i) =>
    writeFileSync(join(results, `${name}.figure-${i + 1}.png`), Buffer.from(png, 'base64')),
  );
  return pictures;
}

/**
 * Every picture of a notebook with its title, which is the output's text.
 * @param {import('./runner/notebook.mjs').Notebook} notebook
 * @returns {{ png: string, title: string }[]}
 */
export const picturesOf = (notebook) =>
  notebook.cells
    .flatMap((cell) => cell.outputs ?? [])
    .flatMap(({ data }) =>
      data?.['image/png']
        ? [{ png: data['image/png'], title: [data['text/plain'] ?? ''].flat().join('') }]
        : [],
    );

/** @param {string[][]} rows */
function printTable(rows) {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  for (const row of rows)
    console.log(
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      full: { type: 'boolean' },
      write: { type: 'boolean' },
      set: { type: 'string', multiple: true, default: [] },
    },
  });
  const known = readdirSync(notebooks).filter((name) => name.endsWith('.ipynb'));
  const files = chosen(positionals, known);
  const settings = { ...settingsOf(values.set), ...(values.full && { full: true }) };
  for (const file of files) checkSettings(settings, readNotebook(join(notebooks, file)), file);
  await setUp();

  const rows = [['figure', 'claim', 'paper', 'ours', 'verdict', 'seconds']];
  for (const file of files) {
    const times = join(results, file.replace('.ipynb', '.seconds.json'));
    const before = existsSync(times) ? JSON.parse(readFileSync(times, 'utf8')) : [];
    const execution = await execute(join(notebooks, file), { settings, onCell: reporter(file, before) });
    process.stderr.write(process.stderr.isTTY ? '\r\x1b[K' : '');
    const pictures = keep(file, execution);
    const { failure, seconds, notebook } = execution;
    if (failure) {
      const { ename, evalue, traceback } = failure.error;
      console.error(
        `${file}, cell ${failure.index + 1}: ${ename}: ${evalue}\n\n${failure.source}\n\n${traceback.join('\n')}`,
      );
      return 1;
    }
    console.error(`${file}: done in ${clock(seconds)}`);
    const verdicts = outputsOf(notebook, 'application/vnd.learning-to-learn.verdicts+json').flat();
    if (values.write) {
      writeFileSync(join(notebooks, file), clean(notebook));
      writePictures(pictures);
      writeRow(file, verdicts, seconds);
    }
    const skipped = outputsOf(notebook, 'application/vnd.learning-to-learn.skipped+json');
    for (const { figure, text, paper, ours, verdict } of verdicts) {
      const number = ours
        ? `${Number(ours.mean.toPrecision(3))}${ours.se ? ` ± ${Number(ours.se.toPrecision(1))}` : ''}`
        : '';
      rows.push([figure, text, String(paper), number, verdict, seconds.toFixed(0)]);
    }
    for (const why of new Set(skipped.map(({ why }) => why)))
      rows.push([file, `skipped: ${why}`, '', '', '', seconds.toFixed(0)]);
    if (verdicts.length + skipped.length === 0)
      rows.push([file, 'runs', '', '', 'no claims', seconds.toFixed(0)]);
  }
  console.log();
  printTable(rows);
  console.log('\nExecuted notebooks, figures and their numbers: reproduced/');
  return 0;
}

if (process.argv[1] === new URL(import.meta.url).pathname) await run(main);
