import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { hasData } from '../datasets/manifest.js';
import { withData } from './withData.js';

test('without the data set the work is not begun, and the command that fetches it is said', async () => {
  vi.stubEnv('L2L_CACHE_DIR', mkdtempSync(join(tmpdir(), 'none-')));
  const printed = vi.spyOn(console, 'log').mockImplementation(() => {});
  const work = vi.fn(() => Promise.resolve(1));
  expect(await withData('cifar10', work)).toBeUndefined();
  expect(work).not.toHaveBeenCalled();
  expect(printed.mock.calls).toEqual([['skipped: needs cifar10: run npm run data -- fetch cifar10']]);
  vi.unstubAllEnvs();
  printed.mockRestore();
});

test('VGG-19 may also be a file of one’s own', async () => {
  vi.stubEnv('L2L_CACHE_DIR', mkdtempSync(join(tmpdir(), 'none-')));
  vi.stubEnv('L2L_VGG19', '');
  const printed = vi.spyOn(console, 'log').mockImplementation(() => {});
  expect(await withData('vgg19', () => Promise.resolve(1))).toBeUndefined();
  expect(printed.mock.calls).toEqual([['skipped: needs vgg19: run npm run data -- fetch vgg19, or set L2L_VGG19 to a file of its weights']]); // prettier-ignore
  vi.stubEnv('L2L_VGG19', 'weights.h5');
  expect(await withData('vgg19', () => Promise.resolve(1))).toBe(1);
  vi.unstubAllEnvs();
  printed.mockRestore();
});

test('with it the work is done', async (ctx) => {
  if (!hasData('cifar10')) ctx.skip('needs the data: npm run data -- fetch cifar10');
  expect(await withData('cifar10', () => Promise.resolve(1))).toBe(1);
});
