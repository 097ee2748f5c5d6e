import { expect, test } from 'vitest';
import { heatMaps } from './heatmaps.js';
import { figurePng, figureSvg } from './static.js';

const figure = (corner: number) =>
  heatMaps([{ name: 'W', rows: [[0, corner], [-1, 2]] }, { name: 'w', rows: [[1, 1]] }], [{ name: 'loss', values: [3, 1], color: '#d62728' }], {
    title: 'T',
    mark: { step: 1, text: 'here' },
    width: 300,
    height: 300,
  }); // prettier-ignore

test('heat maps share one scale about zero and one axis of steps with the lines below them', () => {
  const [first, second, line] = figure(-5).data;
  expect(first).toMatchObject({ type: 'heatmap', zmin: -5, zmax: 5, yaxis: 'y' });
  expect(second).toMatchObject({ zmin: -5, zmax: 5, yaxis: 'y2', showscale: false });
  expect(line).toMatchObject({ x: [0, 1], y: [3, 1], yaxis: 'y3' });
  expect(figure(1).layout).toMatchObject({ xaxis: { anchor: 'y3' }, annotations: [{ text: 'here' }] });
});

test('a heat map is painted without a browser, each value in its colour', async () => {
  expect(await figureSvg(figure(1))).toContain('data:image/png;base64,');
  const [one, other] = [await figurePng(figure(1)), await figurePng(figure(-1))];
  expect(Buffer.from(one).equals(Buffer.from(other))).toBe(false);
  expect(Buffer.from(await figurePng(figure(1))).equals(Buffer.from(one))).toBe(true);
});
