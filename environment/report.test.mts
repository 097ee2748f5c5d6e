import { expect, test } from 'vitest';
import { cellHtml, markdownHtml } from './report/cells.mjs';
import { page } from './report/page.mjs';
import { executed } from './report.mjs';
import { join } from 'node:path';
import { root } from './setup.mjs';

const figure = { data: [{ x: [1], y: [2], name: '</script>' }], layout: { title: { text: 'T' } } };
const verdict = {
  figure: '4',
  text: 'LSTM < ADAM',
  paper: '.5',
  ours: { mean: 0.1234, se: 0.01 },
  verdict: 'holds',
};
const cell = (data: object, metadata = {}) => ({
  cell_type: 'code',
  id: 'a',
  metadata: {},
  source: ['const a = 1 < 2;'],
  execution_count: 1,
  outputs: [{ output_type: 'display_data', data, metadata }],
});
const title = {
  cell_type: 'markdown',
  id: 't',
  metadata: {},
  source: ['# 1 · One & only\n', '\n', 'text'],
  outputs: [],
  execution_count: null,
};

test('formulas become MathML, code and text are escaped', () => {
  expect(markdownHtml('a *b* $x^2$ and\n$$\\theta_t$$')).toMatch(
    /<em>b<\/em>.*<math>[^]*<math[^>]*display="block"/,
  );
  expect(cellHtml(cell({ 'text/plain': ['<x>'] }))).toContain('a = 1 &lt; 2;');
  expect(cellHtml(cell({ 'text/plain': ['<x>'] }))).toContain('&lt;x&gt;');
});

test('a figure is a picture with alternative text and its data, which cannot end the script', () => {
  const bundle = { 'application/vnd.plotly.v1+json': figure, 'image/png': 'AAAA', 'text/plain': ['T'] };
  const html = cellHtml(cell(bundle, { 'image/png': { alt: 'T: LSTM' } }));
  expect(html).toContain('alt="T: LSTM"');
  expect(html.match(/<\/script>/g)!.length).toBe(1);
});

test('the page begins with the verdicts, names the notebooks, and loads nothing', () => {
  const notebook = { cells: [title, cell({ 'application/vnd.learning-to-learn.verdicts+json': [verdict] })] };
  const html = page([{ name: '01', notebook }], { style: '', script: '', plotly: '' });
  expect(html.indexOf('LSTM &lt; ADAM')).toBeLessThan(html.indexOf('id="01"'));
  expect(html).toContain('0.123 ± 0.01');
  expect(html).toContain('>1<span> · One &amp; only</span></a>');
  expect(html).not.toMatch(/(src|href)="(https?:)?\/\/(?!arxiv)|@import|url\(/);
});

test('a notebook that was not executed is named', () => {
  const folders = [join(root, 'environment', 'report'), join(root, 'notebooks')];
  const run = () => executed(folders);
  try {
    expect(run().length).toBeGreaterThanOrEqual(3);
  } catch (error) {
    expect((error as Error).message).toMatch(
      /^\d\d-.* has not been executed: run npm run reproduce -- \d\d first$/,
    );
  }
});
