// A student's way through one of the notebooks: Run All, change a value, run again, stop a training, go on, restart.
import { readNotebook, tagged } from '../runner/notebook.mjs';
import { refuseErrors } from './browser.mjs';
import { contrast, hover, pressStop } from './gestures.mjs';

/**
 * @typedef {import('./browser.mjs').Lab} Lab
 * @typedef {(name: string, work: () => Promise<unknown>) => Promise<void>} Check
 * @typedef {object} Plan the settings; those of the parameters cell's `short` come first
 * @property {object} first of the first run
 * @property {[field: string, from: number, to: number]} change of a length that the figures show
 * @property {object} long of a training (or a tuning) that would not end
 */

const plotly = 'application/vnd.plotly.v1+json';

/**
 * The source of a settings cell with other values.
 * @param {string} source
 * @param {object} values
 */
export function withValues(source, values) {
  for (const [key, value] of Object.entries(values)) {
    const literal = new RegExp(`(\\b${key}: )("[^"]*"|[\\w.]+)`);
    if (!literal.test(source)) throw new Error(`the settings hold no ${key}`);
    source = source.replace(literal, (_, before) => before + JSON.stringify(value));
  }
  return source;
}

/**
 * The last x of a figure's lines.
 * @param {any} figure
 */
const end = ({ data }) =>
  Math.max(...data.flatMap((/** @type {any} */ { x, mode }) => (mode === 'markers' ? [] : (x ?? []))).filter(Number.isFinite)); // prettier-ignore

/**
 * @param {Lab} lab
 * @param {{ check: Check, shot: (name: string) => Promise<unknown> }} reporting
 * @param {string} path of the notebook
 * @param {string} name under which JupyterLab shows a copy of it
 * @param {Plan} plan
 */
export async function walk(lab, { check, shot }, path, name, { first, change: [field, from, to], long }) {
  const { cells } = readNotebook(path);
  const code = cells.flatMap(({ cell_type }, i) => (cell_type === 'code' ? [i] : []));
  const find = (/** @type {(cell: import('../runner/notebook.mjs').Cell) => boolean} */ is) => cells.findIndex((cell) => cell.cell_type === 'code' && is(cell)); // prettier-ignore
  const parameters = find((cell) => tagged(cell, 'parameters'));
  const training = find(({ source }) => source.join('').includes('onProgress'));
  const bars = cells[training]?.source.join('').split('progress(').length ?? 0;
  const short = { ...cells[parameters]?.metadata.short, ...first, [field]: from };
  const set = async (/** @type {object} */ values) =>
    lab.write(parameters, withValues(await lab.source(parameters), values));

  /**
   * Waits until every cell has run once more, counted on from `begin`.
   * @param {number} begin
   * @param {() => Promise<void>} [look]
   */
  const toTheEnd = (begin, look) =>
    lab.until('the last cell', async () => {
      await look?.();
      const models = await lab.models();
      models.forEach((model, i) => refuseErrors(i, model?.outputs ?? []));
      return code.every((i, k) => models[i]?.count === begin + k && models[i]?.state === 'idle');
    });
  const counted = async () => Math.max(0, ...(await lab.models()).map((model) => model?.count ?? 0));
  const figures = async () => {
    const models = await lab.models();
    return models.flatMap((model, cell) => (model?.outputs ?? []).flatMap(({ data }) => (data?.[plotly] ? [{ cell, end: end(data[plotly]) }] : []))); // prettier-ignore
  };
  const progressed = async () => (await lab.htmls(training).allInnerTexts().catch(() => []))[0] ?? ''; // prettier-ignore

  await check(`${name}: opens, its kernel gets ready`, () => lab.open(name));
  await check(`${name}: Run All to the end; the progress bar moves in place`, async () => {
    await set(short);
    await lab.scrollTo(training);
    const before = await progressed();
    const seen = new Set();
    let most = 0;
    await lab.command('notebook:run-all-cells');
    await lab.scrollTo(training);
    await toTheEnd(1, async () => {
      const texts = await lab.htmls(training).allInnerTexts().catch(() => []); // prettier-ignore
      most = Math.max(most, texts.length);
      if (texts[0] && texts[0] !== before) seen.add(texts[0]);
      if (seen.size === 3) await shot(`${name}-progress`);
    });
    if (most >= bars || seen.size < 3) throw new Error(`${most} outputs, ${seen.size} states seen`);
    return `${seen.size} states seen of one output`;
  });
  await check(`${name}: the figure is interactive: a hover label can be read`, async () => {
    const said = await hover(lab, (await figures()).at(-1)?.cell ?? 0);
    await shot(`${name}-figure`);
    return said;
  });
  await check(`${name}: a value is changed, Run All shows it in every figure`, async () => {
    const before = await figures();
    await set({ [field]: to });
    const begin = (await counted()) + 1;
    await lab.command('notebook:run-all-cells');
    await toTheEnd(begin);
    const after = await figures();
    const told = before.flatMap((figure, i) => (figure.end === from ? [after[i]?.end] : []));
    if (!told.length || told.some((x) => x !== to)) throw new Error(`the figures end at ${told}`);
    return `${field}: ${to} in ${told.length} of ${before.length} figures`;
  });
  await check(`${name}: a training is stopped by the button`, async () => {
    await set(long);
    await lab.runCell(parameters);
    const before = await progressed();
    await lab.start(training);
    const seen = new Set();
    await lab.until('progress', async () => {
      const now = await progressed();
      if (now && now !== before) seen.add(now);
      return seen.size >= 2;
    });
    return pressStop(lab, training);
  });
  await check(`${name}: the work goes on after the stop`, async () => {
    await set(short);
    for (const i of code.filter((i) => i === parameters || i >= training)) await lab.runCell(i);
    return `${code.filter((i) => i >= training).length} cells`;
  });
  await check(`${name}: Restart and Run All`, async () => {
    await lab.command('notebook:restart-run-all');
    await lab.page.locator('.jp-Dialog .jp-mod-accept').click();
    await toTheEnd(1);
  });
  await check(`${name}: in the dark theme tables and words are legible`, async () => {
    await lab.command('apputils:change-theme', { theme: 'JupyterLab Dark' });
    await lab.until('the theme', () =>
      lab.page.evaluate(() => document.body.dataset.jpThemeLight === 'false'),
    );
    const models = await lab.models();
    const worded = code.filter((i) => models[i]?.outputs.some(({ data }) => data && !data[plotly]));
    let least = Infinity;
    for (const i of worded) least = Math.min(least, await contrast(lab, i));
    await shot(`${name}-dark`);
    const figure = (await figures()).at(-1);
    if (figure) await lab.scrollTo(figure.cell);
    await shot(`${name}-dark-figure`);
    await lab.command('apputils:change-theme', { theme: 'JupyterLab Light' });
    if (least < 4.5) throw new Error(`contrast ${least.toFixed(1)}, WCAG asks for 4.5`);
    return `contrast ${least.toFixed(1)} in ${worded.length} cells`;
  });
}
