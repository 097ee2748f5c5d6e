import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { adam } from '../optimizers/adam.js';
import { sgd } from '../optimizers/sgd.js';
import { get } from '../params.js';
import type { Optimizee } from '../types.js';
import { updateHistory } from './updateHistory.js';

const parabola: Optimizee = {
  theta0: { x: tf.tensor1d([1, -2]) },
  loss: (theta) => get(theta, 'x').square().sum(),
};

test('the leader moves θ, the others propose on its iterates', () => {
  const { updates, gradients, losses } = updateHistory({ mine: sgd({ lr: 0.25 }), other: sgd({ lr: 10 }) }, parabola, { steps: 3 }); // prettier-ignore
  expect(losses).toEqual([5, 5 / 4, 5 / 16, 5 / 64]);
  expect(gradients[0]).toEqual([2, 1, 0.5]);
  expect(updates.mine![0]).toEqual([-0.5, -0.25, -0.125]);
  expect(updates.other![0]).toEqual([-20, -10, -5]);
});

test('another leader can be named; one without a place is refused', () => {
  const both = { SGD: sgd({ lr: 10 }), ADAM: adam({ lr: 0.1 }) };
  const led = updateHistory(both, parabola, { steps: 2, leader: 'ADAM' });
  expect(led.gradients[0]![1]).toBeCloseTo(2 * (1 - 0.1), 5); // ADAM's first step is lr
  expect(Object.keys(led.updates)).toEqual(['SGD', 'ADAM']);
  expect(() => updateHistory(both, parabola, { leader: 'toString' })).toThrow(
    "no optimizer 'toString' to lead; there are: SGD, ADAM",
  );
});
