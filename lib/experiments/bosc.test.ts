import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dataFolder } from '../data.js';
import { release, size } from '../params.js';
import { hashOf } from '../results.js';
import { loadTraining } from '../training.js';
import type { State } from '../types.js';
import { bosc, boscResult, difference, type BoscResult } from './bosc.js';
import { keptRivals } from './calibration.js';
import { verdicts } from './claims.js';
import { shippedPhi } from './shipped.js';
import { trainLearner } from './streams.js';

const { learned, settings, claims } = bosc;

describe("Bosc's experiment", () => {
  test('ships a φ that fits, made from these settings by the train command', () => {
    const { phi, metadata } = shippedPhi(bosc);
    const P = 32 * 4 + 65;
    expect(size(phi)).toBe(8 * 64 + 65 * 64 + 3 * P * 65 + P); // (d+3+1)h1 + (h1+1)h2 + 3P(h2+1) + P
    expect(hashOf(metadata.settings)).toBe(hashOf(settings));
    expect(metadata).toMatchObject({ experiment: 'bosc', command: 'npm run train -- bosc' });
    release(phi as State);
  });

  test('trains streams of the length of the table in the end', () => {
    expect(bosc.trainFamily(0)(1).y.length).toBe(settings.train.steps);
    expect(bosc.trainFamily(settings.train.episodes as number)(1).y.length).toBe(settings.steps);
  });

  test('takes the medians of the updates in both parts', () => {
    const streams = [{ ...bosc.family()(0), train: 3 }];
    const seen = [{ loss: 0.5, losses: [], updates: [9, 1, 5, 0.1, 0.3, 0.2] }];
    expect(boscResult(streams, seen, {}).updates).toEqual({ train: 5, test: 0.2 });
  });

  test('the rivals of the first data sets are those kept', async () => {
    const few = await keptRivals(bosc, 'validation', 2);
    expect(Object.keys(few)).toEqual(['logistic regression', 'linear SVM', 'RBF SVM']);
    expect(few['RBF SVM']!.length).toBe(2);
  });
});

describe('its claims', () => {
  const fast = process.env.L2L_FAST;
  beforeEach(() => void delete process.env.L2L_FAST);
  afterEach(() => void (fast && (process.env.L2L_FAST = fast)));

  const result = (learner: number, updates = 0.001): BoscResult => ({
    losses: {
      'learned algorithm': [learner, learner + 0.01],
      'logistic regression': [0.57, 0.58],
      'linear SVM': [0.57, 0.58],
      'RBF SVM': [0.5, 0.51],
    },
    updates: { train: 1, test: updates },
  });
  const failing = (r: BoscResult) =>
    verdicts(claims, r).filter(({ verdict }) => verdict !== 'holds').map(({ text }) => text); // prettier-ignore

  test('hold where the learner lies below every rival and stands still in the test part', () => {
    expect(failing(result(0.4))).toEqual([]);
    expect(difference(result(0.4), 'RBF SVM').mean).toBeCloseTo(-0.1);
  });

  test('each fails alone', () => {
    const beyond = 'learned algorithm minus RBF SVM, paired';
    expect(failing(result(0.52))).toEqual([beyond]);
    expect(failing(result(0.55))).toEqual(['learned algorithm, mean cross-entropy', beyond]);
    expect(failing(result(0.4, 0.02))).toEqual([
      'median update of θ in the test part, over that in the training part',
    ]);
  });
});

describe('its training', () => {
  const tiny = {
    ...bosc,
    name: 'of-a-test',
    settings: {
      ...settings,
      train: { ...settings.train, episodes: 3, batch: 2, validateEvery: 2, validationSets: 2 },
    },
    trainFamily: () => bosc.trainFamily(0),
  };
  const state = join(dataFolder(), 'training', 'of-a-test.safetensors');
  afterEach(() => rmSync(state, { force: true }));

  test('keeps its state, and does not go on from one of other settings', async () => {
    const { phi, metadata } = await trainLearner(tiny, { command: 'c' });
    expect(metadata).toMatchObject({ experiment: 'of-a-test', command: 'c', settings: tiny.settings });
    expect(loadTraining(state, learned, bosc.outer(0)).training.episode).toBe(3);
    release(phi as State);
    const other = { ...tiny, settings: { ...tiny.settings, steps: 100 } };
    await expect(trainLearner(other, { resume: true })).rejects.toThrow('was made with other settings');
  });
});
