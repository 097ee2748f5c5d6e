import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { quadratic } from '../optimizees/quadratic.js';
import { adam } from '../optimizers/adam.js';
import { lstm } from '../optimizers/lstm.js';
import { sgd } from '../optimizers/sgd.js';
import { claims10 } from './claims10.js';
import { claims11 } from './claims11.js';
import { lookInside, looks } from './look.js';
import { memory } from './memory.js';
import { proposedUpdates } from './proposedUpdates.js';
import { updateHistory } from './updateHistory.js';

test('a look holds history, answers and proposals of the same trajectory, for the claims to read', () => {
  const learned = lstm({ hidden: [4] });
  const optimizers = { LSTM: learned.at(learned.init(1)), ADAM: adam({ lr: 0.1 }), SGD: sgd() };
  const f = quadratic({ dim: 5 })(1);
  const before = tf.memory().numTensors;
  const look = lookInside(optimizers, f, { steps: 12, coordinates: 4, memory: { at: [2], lags: 6 }, proposals: { coordinates: 2, steps: 3 } }); // prettier-ignore
  const history = updateHistory(optimizers, f, { steps: 12, coordinates: 4 });
  expect(look.history).toEqual(history);
  expect(look.answers.ADAM).toEqual(memory(optimizers.ADAM, history, { at: [2], lags: 6 }));
  expect(look.proposals[1]).toEqual(proposedUpdates(optimizers, history, { coordinate: 1, steps: 3 }));
  expect(look.proposals.length).toBe(2);
  expect(tf.memory().numTensors).toBe(before);
  for (const claim of [...claims10, ...claims11])
    expect(Number.isFinite(claim.ours([look])!.mean)).toBe(true);
});

test('looks differ by function and coordinates, repeat by seed, and tell how far they are', async () => {
  const optimizers = { LSTM: sgd({ lr: 0.01 }), ADAM: adam() };
  const family = quadratic({ dim: 5 });
  const options = { split: 'validation', steps: 8, coordinates: 2, memory: { at: [1], lags: 3 }, proposals: { coordinates: 1, steps: 2 } } as const; // prettier-ignore
  const done: number[] = [];
  const before = tf.memory().numTensors;
  const two = await looks(optimizers, family, { ...options, functions: 2, seed: 3, onProgress: (p) => done.push(p.done) }); // prettier-ignore
  expect(done).toEqual([1, 2]);
  expect(tf.memory().numTensors).toBe(before);
  const [second] = await looks(optimizers, family, { ...options, functions: 1, seed: 4 });
  expect(second).toEqual(two[1]);
  expect(two[0]).not.toEqual(two[1]);
  await expect(looks(optimizers, family, { ...options, split: 'all' as never })).rejects.toThrow("unknown split 'all'"); // prettier-ignore
  await expect(looks(optimizers, family, { ...options, functions: 0 })).rejects.toThrow('functions must be a whole number'); // prettier-ignore
});
