import { existsSync, statSync } from 'node:fs';
import { expect, test, type TestContext } from 'vitest';
import { cifar10, cifar10Hash } from '../datasets/cifar10.js';
import { hasData } from '../datasets/manifest.js';
import { size } from '../params.js';
import { accuracy, layerNames } from './classifier.js';
import { meanActivations } from './fold.js';
import { readSmallVgg, smallVgg, smallVggPath } from './smallVgg.js';
import { smallVggSettings as settings } from './settings.js';

const there = (ctx: TestContext) => {
  if (!existsSync(smallVggPath())) ctx.skip('no small VGG yet: npm run features');
};
const withData = (ctx: TestContext) => {
  there(ctx);
  if (!hasData('cifar10')) ctx.skip('needs the data: npm run data -- fetch cifar10');
};

test('the network that comes with the library has the layers of its settings in less than 0.6 MB', (ctx) => {
  there(ctx);
  expect(statSync(smallVggPath()).size).toBeLessThan(600_000);
  const network = smallVgg();
  const convolutions = network.layers.flatMap((layer) => ('pool' in layer ? [] : [layer]));
  expect(convolutions.map(({ name }) => name)).toEqual(layerNames(settings));
  expect(convolutions.map(({ kernel, bias }) => [...kernel.shape, ...bias.shape])).toEqual(
    settings.filters.map((n, l) => [3, 3, settings.filters[l - 1] ?? 3, n, n]),
  );
  const names = network.layers.map(({ name }) => name);
  for (const used of [...network.style, network.content]) expect(names).toContain(used);
});

test('its file says how it was made, and that it knows 85 of 100 pictures or more', (ctx) => {
  there(ctx);
  const { params, metadata } = readSmallVgg();
  expect(size(params)).toBe(288_298);
  expect(metadata).toMatchObject({ settings, data: cifar10Hash(), command: 'npm run features' });
  for (const split of ['validation', 'test'])
    expect((metadata.accuracies as { [split: string]: number })[split]).toBeGreaterThan(0.85);
});

test('it recognises pictures that it was not trained on, as often as its file says', async (ctx) => {
  withData(ctx);
  const { params, metadata } = readSmallVgg();
  const share = await accuracy(settings, params, cifar10(), 'validation', { most: 1000 });
  const { validation = 0 } = metadata.accuracies as { [split: string]: number };
  expect(Math.abs(share - validation)).toBeLessThan(0.04); // four standard errors of 1,000 pictures
});

test('its filters have a mean activation of 1 on pictures', async (ctx) => {
  withData(ctx);
  const means = await meanActivations({ ...settings, statistics: 500 }, readSmallVgg().params, cifar10());
  for (const mean of means) expect(mean.mean().dataSync()[0]).toBeCloseTo(1, 1);
});
