import { expect, test } from 'vitest';
import { clean } from './clean.mjs';
import { checkSettings, chosen, picturesOf, settingsOf } from './reproduce.mjs';
import { checkNode } from './setup.mjs';

test('an old Node is refused in one line that names both versions', () => {
  expect(() => checkNode('18.20.8')).toThrow(/^Node 20\.19 or newer is needed, found 18\.20\.8: install one/);
  expect(() => checkNode('20.18.1')).toThrow('found 20.18.1');
  for (const fine of ['20.19.0', '20.20.2', '22.0.0', '26.10.0']) expect(() => checkNode(fine)).not.toThrow();
});

test('reproduce runs the first three notebooks, one by its number or name, or all', () => {
  const known = ['01-a.ipynb', '02-b.ipynb', '03-c.ipynb', '04-d.ipynb'];
  expect(chosen([], known)).toEqual(known.slice(0, 3));
  expect(chosen(['all'], known)).toEqual(known);
  expect(chosen(['02'], known)).toEqual(['02-b.ipynb']);
  expect(chosen(['04-d'], known)).toEqual(['04-d.ipynb']);
  expect(chosen(['03', '02', '03'], known)).toEqual(['03-c.ipynb', '02-b.ipynb']);
  expect(() => chosen(['9'], known)).toThrow("unknown notebook '9'; there are: all, 01-a, 02-b, 03-c, 04-d");
});

test('--set takes numbers, words and JSON; an unknown field or form is refused in a line that lists what there is', () => {
  expect(settingsOf(['lr=.01', 'split=validation', 'full=true', 'steps=[1,2]', '{"runs":3}'])).toEqual({
    lr: 0.01,
    split: 'validation',
    full: true,
    steps: [1, 2],
    runs: 3,
  });
  expect(() => settingsOf(['lr'])).toThrow("--set takes field=value, for example --set lr=.01; got 'lr'");
  const source = ['const settings = { seed: 1, lr: 0.1 };'];
  const cell = {
    cell_type: 'code',
    id: 'a',
    metadata: { tags: ['parameters'] },
    source,
    outputs: [],
    execution_count: null,
  };
  expect(() => checkSettings({ lr: 1 }, { cells: [cell] }, 'a.ipynb')).not.toThrow();
  expect(() => checkSettings({ rate: 1 }, { cells: [cell] }, 'a.ipynb')).toThrow(
    "a.ipynb has no setting 'rate'; there are: seed, lr",
  );
});

test('every picture of a notebook has the title of its own output, grids of pictures between figures too', () => {
  const output = (data: object) => ({ output_type: 'display_data', data });
  const outputs = [output({ 'image/png': 'a', 'text/plain': 'Figure 8: x', 'application/vnd.plotly.v1+json': {} }), output({ 'text/plain': 'y' }), output({ 'image/png': 'b', 'text/plain': ['Figure 9: z'] })]; // prettier-ignore
  const cell = { cell_type: 'code', id: 'a', metadata: {}, source: [], outputs, execution_count: 1 };
  expect(picturesOf({ cells: [cell] })).toEqual([
    { png: 'a', title: 'Figure 8: x' },
    { png: 'b', title: 'Figure 9: z' },
  ]);
});

test('a clean notebook has no times, no scripts, and a picture instead of its HTML', () => {
  const output = (data: object) => ({ output_type: 'display_data', data, metadata: {} });
  const outputs = [output({ 'image/png': 'x', 'text/html': '<div>' }), output({ 'text/html': '<b>1</b>' }), output({ 'text/html': '<script>', 'text/plain': 'y' })]; // prettier-ignore
  const cell = { cell_type: 'code', metadata: { execution: {}, tags: ['a'] }, source: [], outputs };
  const notebook = {
    cells: [cell],
    metadata: { kernelspec: { name: 'tslab' }, language_info: {}, widgets: {} },
  };
  const [done] = JSON.parse(clean(notebook)).cells;
  expect(done.metadata).toEqual({ tags: ['a'] });
  expect(done.outputs.map(({ data }: { data: object }) => Object.keys(data))).toEqual([
    ['image/png'],
    ['text/html'],
    ['text/plain'],
  ]);
  expect(JSON.parse(clean(notebook)).metadata).toEqual({ kernelspec: { name: 'tslab' }, language_info: {} });
  expect(clean(JSON.parse(clean(notebook)))).toBe(clean(notebook));
});
