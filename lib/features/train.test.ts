import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, afterEach, expect, test } from 'vitest';
import { ravel } from '../params.js';
import { smallPictures } from '../testing/smallPictures.js';
import { accuracy } from './classifier.js';
import { makeSmallVgg, vggPaths } from './make.js';
import { smallVggSettings } from './settings.js';
import { readSmallVgg } from './smallVgg.js';
import {
  loadVggTraining,
  rateAt,
  saveVggTraining,
  smallVggOptimizee,
  trainVgg,
  untrainedVgg,
  type SmallVggTraining,
} from './train.js';

const folder = mkdtempSync(join(tmpdir(), 'l2l-'));
afterAll(() => rmSync(folder, { recursive: true }));
const engine = process.env.L2L_ENGINE;
afterEach(() => {
  if (engine === undefined) delete process.env.L2L_ENGINE;
  else process.env.L2L_ENGINE = engine;
});

const data = smallPictures(60);
const shape = { filters: [4, 6, 5], pool: [true, false, false] };
const tiny = { ...smallVggSettings, ...shape, batch: 20, epochs: 4, shift: 1, statistics: 60 };
const start = () => {
  const f = smallVggOptimizee(tiny, data);
  return { f, from: untrainedVgg(f) };
};
const numbers = ({ theta, v, ...rest }: SmallVggTraining) => ({
  theta: Array.from(ravel(theta).dataSync()),
  v: Array.from(v.dataSync()),
  ...rest,
});

test('the rate rises through the warm-up and falls to 0 along a cosine', () => {
  const rate = (epoch: number) => rateAt({ ...tiny, lr: 0.2, warmUp: 2, epochs: 12 }, epoch);
  expect([0, 1, 2, 7, 12].map(rate)).toEqual([0, 0.1, 0.2, expect.closeTo(0.1, 12), expect.closeTo(0, 12)]);
});

test('a training goes on from any saved state to the same bits, and is stopped without loss', async () => {
  const whole = numbers(await trainVgg(tiny, data, start().f, start().from));
  expect(whole.step).toBe(12);
  expect(whole.losses.length).toBe(4);
  for (const last of [1, 5, 6]) {
    const file = join(folder, `${last}.safetensors`);
    const save = (now: SmallVggTraining) => saveVggTraining(file, now, { note: 'x' });
    const stop = new AbortController();
    const onProgress = ({ done }: { done: number }) => done === last && stop.abort(new Error('enough'));
    const { f, from } = start();
    await expect(trainVgg(tiny, data, f, from, { save, signal: stop.signal, onProgress })).rejects.toThrow('enough'); // prettier-ignore
    const { training, metadata } = loadVggTraining(file, start().from);
    expect(metadata).toEqual({ note: 'x' });
    expect(training.step).toBe(last);
    expect(numbers(await trainVgg(tiny, data, start().f, training))).toEqual(whole);
  }
});

test('the engine trains to what TensorFlow.js trains to', async () => {
  const few = { ...tiny, epochs: 1, lr: 0.02 };
  const ours = await trainVgg(few, data, start().f, start().from);
  process.env.L2L_ENGINE = 'plain';
  const plain = await trainVgg(few, data, start().f, start().from);
  expect(Math.abs(ours.losses[0]! / plain.losses[0]! - 1)).toBeLessThan(1e-5);
  const [a, b] = [ours, plain].map(({ theta }) => ravel(theta));
  expect(a!.sub(b!).norm().div(b!.norm()).dataSync()[0]).toBeLessThan(1e-4);
});

test('training keeps no tensor but its state, and says where it diverged', async () => {
  const { f, from } = start();
  const count = tf.memory().numTensors;
  await trainVgg({ ...tiny, epochs: 2 }, data, f, from);
  expect(tf.memory().numTensors).toBe(count);
  const diverging = { ...tiny, lr: 1e30 };
  await expect(trainVgg(diverging, data, start().f, start().from)).rejects.toThrow(
    /the training diverged at step \d+: take a lower lr than 1e\+30/,
  );
});

test('weights decay, biases and offsets do not', async () => {
  const kept = await trainVgg({ ...tiny, epochs: 1, decay: 0 }, data, start().f, start().from);
  const decayed = await trainVgg({ ...tiny, epochs: 1, decay: 5 }, data, start().f, start().from);
  const norm = ({ theta }: SmallVggTraining) => theta['conv1/kernel']!.norm().dataSync()[0]!;
  expect(norm(decayed)).toBeLessThan(0.9 * norm(kept));
});

test('the whole way: trained, folded, normalised and written in float16, with the accuracy of what is in the file', async () => {
  const settings = { ...tiny, epochs: 10 };
  const stages: string[] = [];
  const progress = (stage: string) => (stages.push(stage), () => {});
  const measure = ['validation', 'test'] as const;
  const { path, metadata } = await makeSmallVgg(data, settings, { measure, progress, command: 'here' });
  try {
    const { params, metadata: read } = readSmallVgg(path);
    expect(read).toEqual(JSON.parse(JSON.stringify(metadata)));
    expect(read).toMatchObject({ settings, command: 'here', data: 'made up' });
    expect((read.losses as number[]).length).toBe(10);
    for (const split of measure)
      expect((read.accuracies as { [split: string]: number })[split]).toBe(await accuracy(shape, params, data, split)); // prettier-ignore
    expect((read.accuracies as { validation: number }).validation).toBeGreaterThan(0.8);
    expect(stages).toEqual([
      'training',
      'statistics of the batch norms',
      'mean activations',
      'accuracy, validation',
      'accuracy, test',
    ]);
  } finally {
    rmSync(path);
  }
});

test('a stopped training keeps its state; one of other settings is refused', async () => {
  const settings = { ...tiny, epochs: 3 };
  const { path, state } = vggPaths(settings);
  const stop = new AbortController();
  const progress = () => () => stop.abort(new Error('enough'));
  try {
    await expect(makeSmallVgg(data, settings, { signal: stop.signal, progress })).rejects.toThrow('enough');
    expect(loadVggTraining(state, start().from).training.step).toBe(1);
    await makeSmallVgg(data, settings, { resume: true });
    expect([existsSync(path), existsSync(state)]).toEqual([true, false]);
    await saveVggTraining(state, start().from, { settings: tiny });
    await expect(makeSmallVgg(data, settings, { resume: true })).rejects.toThrow(
      `${state} was made with other settings`,
    );
  } finally {
    for (const file of [path, state]) rmSync(file, { force: true });
  }
});

test('a network that is not there says how it is made', () => {
  expect(() => readSmallVgg(join(folder, 'none'))).toThrow(/no small VGG at .*none: run npm run features/);
});
