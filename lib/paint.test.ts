import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { evaluate } from './evaluate.js';
import { style } from './optimizees/style.js';
import { adam } from './optimizers/adam.js';
import { fromImage, paint } from './paint.js';
import { random } from './random.js';
import { randomFeatures } from './testing/randomFeatures.js';
import type { Split } from './types.js';

const network = randomFeatures(1);
const contents = (seed: number, split: Split) =>
  random('content', split, seed).uniform<tf.Rank.R3>([8, 6, 3]);
const family = style({ network, contents, style: contents(9, 'train') });
const which = { split: 'validation', seed: 4 } as const;

test('a painting has the losses of an evaluation, at any steps, and begins with the content picture', async () => {
  const m = adam({ lr: 0.03 });
  const [losses] = await evaluate(m, family, { ...which, steps: 40, runs: 1 });
  const before = tf.memory().numTensors;
  const painted = await paint(m, family, { ...which, steps: [0, 3, 19, 40] });
  expect(tf.memory().numTensors).toBe(before);
  expect(painted.map(({ step }) => step)).toEqual([0, 3, 19, 40]);
  painted.forEach(({ step, loss }) => expect(loss / losses![step]!).toBeCloseTo(1, 4));
  expect(painted[0]!.picture).toEqual(fromImage(contents(4, 'validation')));
  expect(painted[3]!.picture.rgb).not.toEqual(painted[0]!.picture.rgb);
});

test('steps that do not rise are refused', async () => {
  for (const steps of [[4, 4], [5, 3], [1.5], [-1]]) // prettier-ignore
    await expect(paint(adam(), family, { ...which, steps })).rejects.toThrow('steps must be rising whole numbers from 0 up, got'); // prettier-ignore
});

test('what lies outside of 0 to 1 is cut off', () => {
  const { rgb, ...size } = fromImage(tf.tensor3d([[[-1, 0, 0.5], [1, 2, NaN]]])); // prettier-ignore
  expect(size).toEqual({ width: 2, height: 1 });
  expect(Array.from(rgb)).toEqual([0, 0, 128, 255, 255, 0]);
});
