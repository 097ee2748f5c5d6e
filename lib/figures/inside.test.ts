import { expect, test } from 'vitest';
import type { Proposals } from '../inside/proposedUpdates.js';
import type { History } from '../inside/updateHistory.js';
import { answerCurves } from './answers.js';
import type { Figure } from './curves.js';
import { proposalGrid } from './proposals.js';
import { figurePng } from './static.js';
import { updateCurves } from './updates.js';

const traces = ({ data }: Figure, name: string) =>
  data.filter((t) => t.name === name) as never as { [key: string]: never }[];

const history: History = {
  losses: [4, 3, 2, 1],
  coordinates: [
    { parameter: 'a', name: 'a[0]' },
    { parameter: 'b', name: 'b[1, 2]' },
  ],
  gradients: [
    [1, 2, 3],
    [4, 5, 6],
  ],
  updates: { LSTM: [[0.1, 0.2, 0.3], [1, 2, 3]], ADAM: [[0, 0, 0], [5, 6, 7]] }, // prettier-ignore
};

test('an update history has a panel a coordinate with an axis of its own, its name above', () => {
  const figure = updateCurves(history, { unit: 'weight' });
  expect(traces(figure, 'LSTM')).toMatchObject([
    { y: [0.1, 0.2, 0.3], x: [0, 1, 2], xaxis: 'x', yaxis: 'y', showlegend: true, line: { color: '#ff7f0e', dash: 'solid' } }, // prettier-ignore
    { y: [1, 2, 3], xaxis: 'x2', yaxis: 'y2', showlegend: false },
  ]);
  expect(figure.data.at(-1)!.name).toBe('LSTM'); // on top
  expect(figure.layout).toMatchObject({
    yaxis2: { anchor: 'x2' },
  });
  expect((figure.layout.annotations as { text: string }[]).map(({ text }) => text)).toEqual(['a[0]', 'b[1, 2]', 'proposed update (weight)']); // prettier-ignore
  expect(traces(updateCurves(history, { steps: [1, 2], coordinates: [1] }), 'ADAM')).toMatchObject([{ x: [1, 2], y: [6, 7] }]); // prettier-ignore
});

const proposals: Proposals = {
  coordinate: 'image[1, 2, 0]',
  grid: [-2, 0, 2],
  seen: [1, -2, 2],
  updates: {
    LSTM: [[3, 0, -3], [1, 2, 3], [0, 0, 1]],
    SGD: [[1, 0, -1], [1, 0, -1], [1, 0, -1]],
  }, // prettier-ignore
};

test('proposed updates have a small panel a step, with a dot where the gradient was', () => {
  const figure = proposalGrid(proposals, { columns: 2 });
  expect(traces(figure, 'LSTM').map(({ xaxis, yaxis, y }) => [xaxis, yaxis, y])).toEqual([
    ['x', 'y', [3, 0, -3]],
    ['x2', 'y', [1, 2, 3]],
    ['x', 'y2', [0, 0, 1]],
  ]);
  expect(traces(figure, 'the gradient it saw').map(({ x, y }) => [x, y])).toEqual([
    [[1], [-1.5]],
    [[-2], [1]],
    [[2], [1]],
  ]);
  expect(figure.data.filter(({ showlegend }) => showlegend).map(({ name }) => name)).toEqual(['SGD', 'LSTM', 'the gradient it saw']); // prettier-ignore
  expect(figure.layout.yaxis2).toMatchObject({ range: [-1.15, 1.15] }); // of its row's LSTM
});

test('answers are drawn relative to their largest, a descent upwards', () => {
  const figure = answerCurves({ LSTM: [{ mean: -4, se: 1 }, { mean: -2, se: 0.5 }, { mean: 1, se: NaN }] }, { lags: 1 }); // prettier-ignore
  expect(traces(figure, 'LSTM')[0]).toMatchObject({ x: [0, 1], y: [1, 0.5] });
  expect(figure.data[0]!.y).toEqual([1 - 0.5, 0.5 - 0.25]);
  expect(figure.layout.xaxis).toMatchObject({ title: { text: 'steps since the gradient' } });
});

test('all of them can be drawn', async () => {
  for (const figure of [
    updateCurves(history),
    proposalGrid(proposals),
    answerCurves({ SGD: [{ mean: 0, se: 0 }] }),
  ])
    expect((await figurePng(figure)).length).toBeGreaterThan(1000);
});
