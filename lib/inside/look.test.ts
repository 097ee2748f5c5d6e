import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { quadratic } from '../optimizees/quadratic.js';
import { adam } from '../optimizers/adam.js';
import { lstm } from '../optimizers/lstm.js';
import { sgd } from '../optimizers/sgd.js';
import { claims10 } from './claims10.js';
import { claims11 } from './claims11.js';
import { lookInside } from './look.js';
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
  for (const claim of [...claims10, ...claims11]) expect(Number.isFinite(claim.ours([look])!.mean)).toBe(true);
});
