import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { lstm } from '../optimizers/lstm.js';
import { nesterov } from '../optimizers/nesterov.js';
import { rmsprop } from '../optimizers/rmsprop.js';
import { sgd } from '../optimizers/sgd.js';
import { logSign } from '../preprocess.js';
import { partition } from '../partition.js';
import { proposedUpdates } from './proposedUpdates.js';
import { replay } from './replay.js';

const seen = {
  coordinates: [
    { parameter: 'a', name: 'a[0]' },
    { parameter: 'b', name: 'b[1]' },
  ],
  gradients: [
    [1, -2, 0.5, 4],
    [0.1, 0.2, -0.3, 0.1],
  ],
};
const learned = lstm({ hidden: [5, 3], preprocess: logSign(10) });
const LSTM = learned.at(learned.init(3));

test('gradient descent proposes a line, momentum the same line moved by the past', () => {
  const { grid, updates } = proposedUpdates({ SGD: sgd({ lr: 2 }), NAG: nesterov({ lr: 1, momentum: 0.5 }) }, seen, {
    steps: 3,
    points: 5,
  }); // prettier-ignore
  expect(grid).toEqual([-2, -1, 0, 1, 2]);
  expect(updates.SGD).toEqual(Array(3).fill([4, 2, -0, -2, -4]));
  // v before step 2: −(½ · 1) + 2 = 1.5; an update is ½(½v − g) − g.
  expect(updates.NAG![2]).toEqual([-2, -1, 0, 1, 2].map((g) => 0.25 * 1.5 - 1.5 * g));
});

test('at any step and gradient it is what the optimizer does where it sees that gradient instead', () => {
  const optimizers = { LSTM, RMSprop: rmsprop({ decay: 0.5 }) };
  const options = { coordinate: 1, steps: 4, points: 4, reach: 0.4 };
  const proposed = proposedUpdates(optimizers, seen, options);
  expect(proposed).toMatchObject({ coordinate: 'b[1]', seen: seen.gradients[1] });
  for (const [name, m] of Object.entries(optimizers))
    for (const t of [0, 2, 3])
      proposed.grid.forEach((g, k) => {
        const history = seen.gradients[1]!.map((x, s) => (s === t ? g : x));
        const [whole] = replay(m, { coordinates: [seen.coordinates[1]!], gradients: [history] });
        expect(proposed.updates[name]![t]![k]).toBeCloseTo(whole![t]!, 5);
      });
});

test('a coordinate of a partition has the answers of its group', () => {
  const m = partition({ one: sgd({ lr: 1 }), two: LSTM }, (name) => (name === 'a' ? 'one' : 'two'));
  const options = { coordinate: 1, steps: 3, points: 3 };
  expect(proposedUpdates({ m }, seen, options).updates.m).toEqual(
    proposedUpdates({ m: LSTM }, seen, options).updates.m,
  );
});

test('what the trajectory does not have is refused, and no tensor stays', () => {
  const before = tf.memory().numTensors;
  expect(() => proposedUpdates({ LSTM }, seen, { coordinate: 2 })).toThrow('2 coordinates; there is no 2');
  expect(() => proposedUpdates({ LSTM }, seen, { steps: 5 })).toThrow('has 4 steps, fewer than 5');
  proposedUpdates({ LSTM }, seen, { steps: 4 });
  expect(tf.memory().numTensors).toBe(before);
});
