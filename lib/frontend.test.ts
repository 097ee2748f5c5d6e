import * as tf from '@tensorflow/tfjs';
import { afterEach, expect, test } from 'vitest';
import { evaluate } from './evaluate.js';
import { leaveTensorFlow } from './frontend.js';
import { metaTrain } from './metatrain.js';
import { quadratic } from './optimizees/quadratic.js';
import { lstm } from './optimizers/lstm.js';
import { sgd } from './optimizers/sgd.js';
import { tune } from './tune.js';

const key = Symbol.for('Jupyter.frontend');
const globals = globalThis as { [key: symbol]: unknown };
afterEach(() => void delete globals[key]);

const few = { split: 'validation', runs: 3, steps: 4, unrollLength: 2 } as const;
const family = quadratic({ dim: 2 });

test.each([
  ['evaluate', () => evaluate(sgd({ lr: 0.01 }), family, few)],
  ['tune', () => tune((lr) => sgd({ lr }), family, { ...few, from: -12, to: 0 })],
  ['metaTrain', () => metaTrain(lstm({ hidden: [4] }), family, { episodes: 3, steps: 4, unrollLength: 2 })],
])("%s stops with the notebook's stop button and can be called again", async (_, work) => {
  const stop = new AbortController();
  globals[key] = { signal: stop.signal };
  const running = work();
  setImmediate(() => stop.abort(new Error('stopped')));
  await expect(running).rejects.toThrow('stopped');
  globals[key] = { signal: new AbortController().signal };
  await expect(work()).resolves.toBeDefined();
});

test('TensorFlow.js that was stopped inside a gradient finds gradients again', () => {
  const { state } = tf.engine();
  tf.engine().startScope();
  Object.assign(state, { kernelDepth: 2, gradientDepth: 1 }); // as a stop by force leaves it
  const slope = () =>
    tf
      .grad((x) => x.square().sum())(tf.scalar(3))
      .dataSync()[0];
  expect(slope).toThrow(); // no gradients are found
  leaveTensorFlow();
  expect(slope()).toBe(6);
  expect(state.scopeStack.length).toBe(0);
});
