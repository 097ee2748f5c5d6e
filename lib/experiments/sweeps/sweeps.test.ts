import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { hashOf } from '../../results.js';
import { mnistSettings } from '../mnist.js';
import { ablations, settingsOf } from './ablations.js';
import { figure5Panels, figure6Panels, network, widths } from './figures.js';
import { open, sweep, sweeps } from './index.js';

test('an unknown sweep lists the known ones', () => {
  expect(() => sweep('figure7', 'validation')).toThrow(
    `unknown sweep 'figure7'; there are: ${Object.keys(sweeps).join(', ')}`,
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
