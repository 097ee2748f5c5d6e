import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { hashOf } from '../../results.js';
import { cifarSettings, cifarWith } from '../cifar.js';
import { figure7Learned } from '../figure7Learned.js';
import { mnistSettings } from '../mnist.js';
import { ablations, settingsOf } from './ablations.js';
import { cifarSearch } from './cifar.js';
import { asBefore } from '../figure8.js';
import { artSearch } from './art.js';
import { figure7Contenders, longRuns } from './figure7.js';
import { artRuns, figure8Contenders } from './figure8.js';
import { figure5Panels, figure6Panels, network, widths } from './figures.js';
import { ratesOf } from './metaLr.js';
import { tunedRate } from './tuned.js';
import { open, sweep, sweeps } from './index.js';

test('an unknown sweep lists the known ones', () => {
  expect(() => sweep('figure9', 'validation')).toThrow(
    `unknown sweep 'figure9'; there are: ${Object.keys(sweeps).join(', ')}`,
  );
});

test.each(Object.keys(sweeps))(
  'the jobs of the first stage of %s have names and results of their own',
  (name) => {
    const jobs = sweep(name, 'validation')[0]!();
    expect(jobs.length).toBeGreaterThan(0);
    expect(new Set(jobs.map((job) => job.path)).size).toBe(jobs.length);
    expect(new Set(jobs.map((job) => job.name)).size).toBe(jobs.length);
    expect(open(jobs).every(({ path }) => !existsSync(path))).toBe(true);
  },
);

test('Figure 6 has twenty networks, and one of them is the training network', () => {
  const panels = figure6Panels('validation');
  expect(panels.length).toBe(2 * widths.length);
  expect(new Set(panels.map(({ settings }) => hashOf(settings))).size).toBe(20);
  expect(panels.filter(({ settings }) => settings === mnistSettings).length).toBe(1);
});

test('Figure 5 has more units, another layer, another activation', () => {
  const networks = figure5Panels('validation').map(({ settings }) => [settings.hidden, settings.activation]);
  expect(networks).toEqual([[[40], 'sigmoid'], [[20, 20], 'sigmoid'], [[20], 'relu']]); // prettier-ignore
  expect(network([20])).toBe(mnistSettings);
});

test('every ablation changes something, and only what its name says', () => {
  const base = settingsOf({}, 1);
  const variants = Object.values(ablations).map((change) => settingsOf(change, 1));
  expect(new Set(variants.map(hashOf)).size).toBe(variants.length);
  for (const { learned, train, ...rest } of variants) {
    expect(rest).toEqual({ ...base, learned: undefined, train: undefined });
    expect(train.episodes).toBe(300);
    expect(learned.hidden).toEqual([20, 20]);
  }
});

test('the searches draw rates within their range, MNIST’s those whose results are kept', () => {
  for (const search of [cifarSearch, artSearch]) {
    const rates = ratesOf(search);
    expect(new Set(rates).size).toBe(8);
    expect(Math.min(...rates)).toBeGreaterThanOrEqual(1e-3);
    expect(Math.max(...rates)).toBeLessThanOrEqual(3e-2);
  }
  expect(open(sweep('meta-lr', 'validation')[0]!())).toEqual([]);
});

test('Figure 7 has two φ of each kind and four baselines on every panel', () => {
  const rivals = ['ADAM', 'RMSprop', 'SGD', 'NAG'];
  expect(figure7Contenders('CIFAR-10')).toEqual(['LSTM 1', 'LSTM 2', 'single 1', 'single 2', ...rivals]);
  for (const panel of ['CIFAR-5', 'CIFAR-2'] as const)
    expect(figure7Contenders(panel)).toEqual(['LSTM 1', 'LSTM 2', 'LSTM-sub 1', 'LSTM-sub 2', ...rivals]);
});

test('the table of φ has every learned optimizer of Figure 7 once, with its two meta-seeds', () => {
  const all = figure7Learned().map(({ family, experiment, seed }) => [family, experiment.name, seed]);
  expect(all).toEqual([
    ['LSTM', 'cifar', 1],
    ['LSTM', 'cifar', 2],
    ['single', 'cifar-single', 1],
    ['single', 'cifar-single', 2],
    ['LSTM-sub', 'cifar-5', 1],
    ['LSTM-sub', 'cifar-5', 2],
    ['LSTM-sub', 'cifar-2', 1],
    ['LSTM-sub', 'cifar-2', 2],
  ]);
});

test('Figure 7 keeps two windows of every run, both ends included, and the start of the first as it was', () => {
  const ramp = (from: number) => Array.from({ length: 1001 }, (_, t) => Math.fround(from + t / 3));
  const { early, late, first, tails, mean, se } = longRuns([ramp(0), ramp(3)]);
  expect([early, late]).toEqual([[150, 153], [316.667, 319.667]]); // prettier-ignore
  expect(first).toEqual(ramp(0).slice(0, 201).map((x) => Number(x.toPrecision(9)))); // prettier-ignore
  expect(first.map(Math.fround)).toEqual(ramp(0).slice(0, 201));
  expect(tails).toEqual([63.5, 66.5]); // steps 181 to 200
  expect([mean.length, mean[0], se[0]]).toEqual([1001, 1.5, 1.5]);
});

test('Figure 8 has two φ and four baselines on both panels, on the right also with the rates of the left', () => {
  const rivals = ['ADAM', 'RMSprop', 'SGD', 'NAG'];
  expect(figure8Contenders('left')).toEqual(['LSTM 1', 'LSTM 2', ...rivals]);
  expect(figure8Contenders('right')).toEqual(['LSTM 1', 'LSTM 2', ...rivals, ...rivals.map(asBefore)]);
});

test('Figure 8 keeps every loss to five digits, and the start of the first run as it was', () => {
  const ramp = (from: number) => Array.from({ length: 129 }, (_, t) => Math.fround(from + t / 3));
  const { losses, first, tails } = artRuns([ramp(0), ramp(3)]);
  expect([losses[0]![1], losses[1]![128]]).toEqual([0.33333, 45.667]);
  expect(first.map(Math.fround)).toEqual(ramp(0).slice(0, 65));
  expect(tails).toEqual([18.167, 21.167]); // steps 45 to 64
});

test('a baseline without a tuned rate is refused, saying which', () => {
  const other = cifarWith('of-a-test', cifarSettings);
  expect(() => tunedRate(other, 'ADAM', 'nothing')).toThrow(
    'ADAM is not tuned on nothing: run the stage before',
  );
});
