import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { dataFolder } from '../data.js';
import { release } from '../params.js';
import type { State } from '../types.js';
import { quadratics } from './quadratics.js';
import { train } from './train.js';

const { settings } = quadratics;
const short = { ...settings, steps: 20, train: { ...settings.train, episodes: 2, validateEvery: 1, validationRuns: 1 } }; // prettier-ignore
const small = { ...quadratics, name: 'of-a-training', settings: short };
const state = join(dataFolder(), 'training', 'of-a-training.safetensors');
afterEach(() => rmSync(state, { force: true }));

test('goes on from a state of the same settings alone, whatever the baselines are tuned with', async () => {
  const first = await train(small);
  const tune = { ...short.tune, runs: 1 };
  const again = await train({ ...small, settings: { ...short, tune } }, { resume: true });
  expect(again.course.losses).toEqual(first.course.losses);
  release(first.phi as State, again.phi);
  const other = { ...small, settings: { ...short, steps: 40 } };
  await expect(train(other, { resume: true })).rejects.toThrow('was made with other settings');
});
