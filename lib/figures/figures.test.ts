import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { lossCurves, type Figure } from './curves.js';
import { displayBundle } from './display.js';
import { dots } from './dots.js';
import { figureCsv, saveFigure } from './export.js';
import { liveCurve } from './live.js';
import { clock, progress, progressLine } from './progress.js';
import { mostBytes, show } from './show.js';
import { sideBySide } from './sideBySide.js';
import { figurePng, figureSvg } from './static.js';
import { table, tableHtml, tableText } from './table.js';

/** What reaches the front end: a stand-in for the kernel's channel. */
function notebook() {
  const sent: { data: { [mime: string]: unknown }; id: string | undefined; update: boolean }[] = [];
  const lastWriteDisplayData = (
    message: { data: object; transient: { display_id?: string } },
    update: boolean,
  ) => sent.push({ data: { ...message.data }, id: message.transient.display_id, update });
  require.cache['/x/tslab/dist/jupyter.js'] = { exports: { lastWriteDisplayData } } as never;
  return sent;
}
afterEach(() => {
  delete require.cache['/x/tslab/dist/jupyter.js'];
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const losses = (scale: number) => [[4, 2, 1], [2, 2, 3]].map((run) => run.map((x) => x * scale)); // prettier-ignore
const trace = ({ data }: Figure, name: string) =>
  data.find((t) => t.name === name)! as never as { [key: string]: never };

describe('loss curves', () => {
  const figure = lossCurves(
    { LSTM: losses(1), ADAM: losses(2), mine: losses(3) },
    { title: 'T', paper: { ADAM: { steps: [1, 9], losses: [7, 8] } } },
  );

  test('have the paper colours: the LSTM solid orange, baselines dashed, others distinct', () => {
    expect(trace(figure, 'LSTM').line).toMatchObject({ color: '#ff7f0e', dash: 'solid' });
    expect(trace(figure, 'ADAM').line).toMatchObject({ color: '#d62728', dash: 'dash' });
    const colors = figure.data.map((t) => (t.line as { color?: string } | undefined)?.color).filter(Boolean);
    expect(new Set(colors).size).toBe(3);
  });

  test('are means on a log axis, with a band of two standard errors', () => {
    expect(trace(figure, 'LSTM').y).toEqual([3, 2, 2]);
    const [low, high] = figure.data as unknown as { y: number[] }[];
    // Runs 4 and 2: standard deviation √2, standard error 1. The band ends above zero, where a log axis has no place.
    expect(low!.y[0]).toBeCloseTo(3 - 2 * 1);
    expect(high!.y[0]).toBeCloseTo(3 + 2 * 1);
    expect(low!.y[2]).toBeCloseTo(0.2);
    expect((figure.layout.yaxis as { type: string }).type).toBe('log');
  });

  test("carry the paper's points inside the range, in the optimizer's colour", () => {
    const points = trace(figure, 'the paper');
    expect(points).toMatchObject({
      x: [1],
      y: [7],
      mode: 'markers',
      marker: { color: '#d62728', symbol: 'circle-open' },
    });
  });

  test('can show a range of steps, and stand side by side with a common axis', () => {
    const right = lossCurves({ LSTM: losses(1) }, { steps: [1, 2] });
    expect(trace(right, 'LSTM')).toMatchObject({ x: [1, 2], y: [2, 2] });
    const both = sideBySide([figure, right], 'two');
    expect(both.data.filter((t) => t.xaxis === 'x2').every((t) => t.showlegend === false)).toBe(true);
    expect(both.layout.xaxis2).toMatchObject({ anchor: 'y', range: [1, 2] });
    expect(both.layout.annotations).toMatchObject([{ text: 'T', x: 0.475 / 2 }]);
  });

  test('a φ looks as its family does, and circles may be others’ than the paper’s', () => {
    const points = { 'LSTM 2': { steps: [1], losses: [3] } };
    const figure = lossCurves({ 'LSTM 1': losses(1), 'LSTM-sub 1': losses(1), 'LSTM 2': losses(2), mine: losses(3) }, { paper: points, circles: 'made again' }); // prettier-ignore
    for (const seed of [1, 2]) expect(trace(figure, `LSTM ${seed}`).line).toMatchObject({ color: '#ff7f0e' });
    expect(trace(figure, 'LSTM-sub 1').line).toMatchObject({ color: '#111111', dash: 'solid' });
    expect(trace(figure, 'made again')).toMatchObject({ x: [1], y: [3], marker: { color: '#ff7f0e' } });
  });

  test('mark their points where these are few', () => {
    const modes = [50, 51].map((n) => {
      const line = Array.from({ length: n }, (_, t) => t + 1);
      return trace(lossCurves({ LSTM: [line] }, { at: line }), 'LSTM').mode;
    });
    expect(modes).toEqual(['lines+markers', 'lines']);
  });

  test('stand side by side with y axes of their own, and every name once in the legend', () => {
    const right = lossCurves({ LSTM: losses(1), 'LSTM-sub': losses(1) }, { cross: [1, 2], losses: [1, 10] });
    const own = sideBySide([figure, right, right], 'three', { ownY: true });
    const named = own.data.filter(({ name, showlegend }) => name && showlegend !== false);
    expect(named.map(({ name, xaxis = 'x', yaxis = 'y' }) => [name, xaxis, yaxis])).toEqual([
      ['LSTM', 'x', 'y'],
      ['ADAM', 'x', 'y'],
      ['mine', 'x', 'y'],
      ['the paper', 'x', 'y'],
      ['LSTM-sub', 'x2', 'y2'],
    ]);
    expect(own.layout.xaxis2).toMatchObject({ anchor: 'y2' });
    expect(own.layout.yaxis2).toMatchObject({
      anchor: 'x2',
      type: 'log',
      range: [0, 1],
      title: { text: '' },
    });
    expect(own.layout.shapes).toMatchObject([
      { xref: 'x2', yref: 'y2 domain' },
      { xref: 'x2 domain', yref: 'y2' },
      { xref: 'x3', yref: 'y3 domain' },
      { xref: 'x3 domain', yref: 'y3' },
    ]);
  });

  test('can stand at other places, with a band of their own and lines that cross at a point', () => {
    const band = { mean: [3, 2], low: [1, 1], high: [4, 3] };
    const widths = lossCurves({ LSTM: band, ADAM: losses(1) }, { at: [5, 10, 15], cross: [10, 2] });
    expect(trace(widths, 'LSTM')).toMatchObject({ x: [5, 10], y: [3, 2], mode: 'lines+markers' });
    expect(widths.data.slice(0, 2).map(({ y }) => y)).toEqual([[1, 1], [4, 3]]); // prettier-ignore
    expect(widths.layout.xaxis).toMatchObject({ range: [5, 15] });
    expect(sideBySide([widths, widths, widths]).layout.shapes).toMatchObject([
      { xref: 'x', x0: 10, x1: 10 },
      { xref: 'x domain', y0: 2 },
      { xref: 'x2', yref: 'y domain' },
      { xref: 'x2 domain' },
      { xref: 'x3' },
      { xref: 'x3 domain' },
    ]);
  });
});

test('dots show every value of every variant, and where the first variant lies', () => {
  const columns = ['sum', 'ReLU'].map((name, i) => ({ name, values: { paper: [1 + i, 3 + i], mine: [5] } }));
  const figure = dots(columns);
  expect(figure.data.map(({ x, y, xaxis }) => [x, y, xaxis])).toEqual([
    [[1, 3], ['paper', 'paper'], 'x'],
    [[5], ['mine'], 'x'],
    [[2, 4], ['paper', 'paper'], 'x2'],
    [[5], ['mine'], 'x2'],
  ]);
  expect(figure.layout.shapes).toMatchObject([{ xref: 'x', x0: 2 }, { xref: 'x2', x0: 3 }]); // prettier-ignore
});

describe('a picture', () => {
  const figure = lossCurves({ LSTM: losses(1) }, { title: 'Some title', width: 300, height: 200 });

  test('is drawn without a browser: the same bytes each time, of the size asked for, with its text', async () => {
    const [first, second] = [await figurePng(figure), await figurePng(figure)];
    expect(Buffer.from(first).equals(Buffer.from(second))).toBe(true);
    const png = Buffer.from(first);
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([300, 200]);
    expect(await figureSvg(figure)).toContain('Some title');
    const untitled = { ...figure, layout: { ...figure.layout, title: { text: '' } } };
    expect(png.length).toBeGreaterThan((await figurePng(untitled)).length); // the font is there
  });

  test('of a trace that needs WebGL is refused', async () => {
    await expect(figurePng({ data: [{ type: 'scatter3d' }], layout: {} })).rejects.toThrow(
      "'scatter3d' needs WebGL",
    );
  });

  test('is shown with the figure in one message, rounded, and says when the run was short', async () => {
    const sent = notebook();
    const before = process.env.L2L_FAST;
    process.env.L2L_FAST = '1';
    await show({ data: [{ x: [1, 2], y: [1 / 3, 2] }], layout: { title: { text: 'T' } } });
    if (before === undefined) delete process.env.L2L_FAST;
    expect(sent.length).toBe(1);
    const { data } = sent[0]!;
    expect(Object.keys(data)).toEqual(['application/vnd.plotly.v1+json', 'image/png', 'text/plain']);
    const figure = data['application/vnd.plotly.v1+json'] as Figure;
    expect(figure.data[0]!.y).toEqual([0.33333, 2]);
    expect(JSON.stringify(figure.layout.modebar)).toContain('sendcharttocloud'); // no figure offers to be uploaded
    expect(data['text/plain']).toBe('T (short run)');
  });
});

test('a figure that would take too much loses points, not lines', async () => {
  const sent = notebook();
  const y = Array.from({ length: 40_000 }, (_, i) => Math.sin(i) + 2);
  const line = (name: string) => ({ name, x: y.map((_, i) => i), y });
  await show({ data: [line('a'), line('b')], layout: { width: 300, height: 200 } });
  expect(JSON.stringify(sent[0]!.data).length).toBeLessThan(mostBytes);
  const { data } = sent[0]!.data['application/vnd.plotly.v1+json'] as Figure;
  expect(data.map(({ name }) => name)).toEqual(['a', 'b']);
  expect((data[0]!.y as number[]).length).toBeGreaterThan(1000);
});

test('a figure is kept as a picture, or as its numbers', async () => {
  const figure = lossCurves({ 'LSTM, "mine"': [[4, 2]] }, { width: 300, height: 200 });
  expect(figureCsv(figure)).toContain('\n"LSTM, ""mine""",x,1,2\n');
  const path = join(mkdtempSync(join(tmpdir(), 'l2l-')), 'figure.svg');
  await saveFigure(figure, path);
  expect(readFileSync(path, 'utf8')).toMatch(/^<svg/);
  await expect(saveFigure(figure, 'a.gif')).rejects.toThrow(".svg, .png or .csv, got 'a.gif'");
});

describe('progress', () => {
  test('is one output that changes in place, at most four times a second, and ends with the last state', () => {
    vi.useFakeTimers();
    const sent = notebook();
    const onProgress = progress('training');
    for (let done = 1; done <= 100; done++) {
      onProgress({ done, total: 100 });
      vi.advanceTimersByTime(20);
    }
    expect(sent.length).toBeGreaterThan(5);
    expect(sent.length).toBeLessThanOrEqual(9);
    expect(new Set(sent.map(({ id }) => id)).size).toBe(1);
    expect(sent.map(({ update }) => update)).toEqual([false, ...Array(sent.length - 1).fill(true)]);
    expect(sent.at(-1)!.data['text/plain']).toContain('100/100');
  });

  test('draws the losses that the work tells as a curve that stays small', () => {
    vi.useFakeTimers();
    const sent = notebook();
    const onProgress = progress('training');
    for (let done = 1; done <= 5000; done++) onProgress({ done, total: 5000, loss: 1 / done });
    const html = String(sent.at(-1)!.data['text/html']);
    expect(html).toContain('<progress value="5000" max="5000"');
    expect(html).toContain('aria-label="loss of 5000 episodes');
    expect(html.length).toBeLessThan(5000);
    expect(
      liveCurve([1, NaN, 0.1, Infinity, 0.01])
        .match(/points="([^"]*)"/)![1]!
        .split(' ').length,
    ).toBe(3);
    expect(liveCurve([1])).toBe('');
  });

  test('says how far, how long and how long still', () => {
    expect(progressLine('tuning', { done: 5, total: 20, note: 'lr 3' }, 10)).toBe(
      'tuning ━━━━━─────────────── 5/20, 0:10 elapsed, 0:30 left, lr 3',
    );
    expect(clock(3725)).toBe('1:02:05');
  });
});

describe('a table', () => {
  const frame = { columns: ['name', 'x'], values: [['<a>', 0.123456], ['b & c', 12]] }; // prettier-ignore

  test('escapes what HTML would read, and rounds', () => {
    expect(tableHtml(frame)).toContain('&lt;a&gt;');
    expect(tableHtml(frame)).toContain('b &amp; c');
    expect(tableHtml(frame)).toContain('>0.1235<');
    expect(tableText(frame)).toBe('name   x\n<a>    0.1235\nb & c  12');
  });

  test('has its numbers at the right, where a column holds nothing else', () => {
    const html = tableHtml({
      columns: ['n', 'mixed'],
      values: [
        [1, 'a'],
        [2, 3],
      ],
    });
    expect(html).toContain('<th style="text-align:right">n</th>');
    expect(html).toContain('<td style="text-align:right">2</td><td style="text-align:left">3</td>');
  });

  test('can be a listing of plain data', () => {
    const sent = notebook();
    table({ lr: 0.5, steps: 100 });
    expect(sent[0]!.data['text/plain']).toBe('       value\nlr     0.5\nsteps  100');
  });
});

test('outside a notebook the text of an output is printed', () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  displayBundle({ 'text/plain': 'hello', 'text/html': '<b>hello</b>' });
  expect(log.mock.calls).toEqual([['hello']]);
});
