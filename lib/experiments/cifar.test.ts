import { describe, expect, test } from 'vitest';
import { hasData } from '../datasets/manifest.js';
import { convnet } from '../optimizees/convnet.js';
import { tiny } from '../testing/tiny.js';
import type { ConvSpec, LearnedOptimizer } from '../types.js';
import { start, unroll } from '../unroll.js';
import { cifar, cifar2, cifar5, cifarCurriculum, cifarSettings, cifarSingle, cifarWith } from './cifar.js';

const theta0 = convnet({ data: tiny, filters: [2, 2], hidden: [3], batch: 2 })(0).theta0;
const groupsOf = ({ learned }: { learned: LearnedOptimizer }) => {
  const { of, groupOf } = learned.at.parts!;
  const groups = Object.keys(of).map((group) => [group, Object.keys(theta0).filter((name) => groupOf(name) === group)]); // prettier-ignore
  return Object.fromEntries(groups) as { [group: string]: string[] };
};

describe('Fig. 7’s labels', () => {
  test.each([cifar5, cifar2])('$name: LSTM-sub never sees a label of the figure, and together they are all ten', ({ settings }) => {
    const { train, figure } = settings.labels;
    expect(train.filter((label) => figure.includes(label))).toEqual([]);
    expect([...figure, ...train]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  }); // prettier-ignore

  test('LSTM is trained on all ten', () => {
    expect(cifar.settings.labels.train.length).toBe(10);
    expect(cifar5.settings.labels.figure).toEqual([0, 1, 2, 3, 4]);
    expect(cifar2.settings.labels.figure).toEqual([0, 1]);
  });

  test('are the width of the network', (ctx) => {
    if (!hasData('cifar10')) ctx.skip('needs the data: npm run data -- fetch cifar10');
    const { dense, examples } = cifar2.family()(0, 'validation').loss.spec as ConvSpec;
    expect(dense.at(-1)).toBe(2);
    expect(new Set(examples(0).labels)).toEqual(new Set([0, 1]));
  });
});

describe('the optimizer', () => {
  test('has one LSTM for the convolutional layers and one for the rest, trained together', () => {
    expect(groupsOf(cifar)).toEqual({
      conv: ['conv0/kernel', 'conv0/bias', 'conv0/offset', 'conv1/kernel', 'conv1/bias', 'conv1/offset'],
      rest: ['dense0/kernel', 'dense0/bias', 'dense0/offset', 'dense1/kernel', 'dense1/bias'],
    });
    const names = Object.keys(cifar.learned.init(0));
    expect(names.filter((name) => name.startsWith('conv/')).length).toBe(names.length / 2);
    expect(names).toContain('rest/lstm0/kernel');
  });

  test('or, as the authors’ code has it, one for the kernels alone; or one for all', () => {
    const kernels = cifarWith('x', { ...cifarSettings, learned: { ...cifarSettings.learned, parts: 'kernels' } }); // prettier-ignore
    expect(groupsOf(kernels).conv).toEqual(['conv0/kernel', 'conv1/kernel']);
    expect(cifarSingle.learned.at.parts).toBeUndefined();
    expect(cifarSingle.learned.spec).toMatchObject({ cell: 'lstm', hidden: [20, 20] });
  });

  test('takes steps on a convolutional network', () => {
    const f = convnet({ data: tiny, filters: [2, 2], hidden: [3], batch: 2 })(0);
    const m = cifar.learned.at(cifar.learned.init(1));
    const { losses, end } = unroll(m, f, start(m, f), 2);
    expect(losses.every((loss) => Number.isFinite(loss.dataSync()[0]))).toBe(true);
    expect(Object.keys(end.theta)).toEqual(Object.keys(f.theta0));
  });
});

test('the curriculum takes no more steps than 500 episodes of 100', () => {
  const { episodes, horizons = [], unrollLength } = cifarCurriculum.settings.train;
  const stepsOf = (episode: number) => horizons.filter(([from]) => from <= episode).at(-1)?.[1] ?? cifarSettings.steps; // prettier-ignore
  const total = Array.from({ length: episodes }, (_, episode) => stepsOf(episode)).reduce((a, b) => a + b);
  expect(total).toBeLessThanOrEqual(500 * cifarSettings.steps);
  expect(horizons.every(([, steps]) => steps % unrollLength === 0)).toBe(true);
});
