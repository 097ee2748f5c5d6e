import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { quadratic } from '../optimizees/quadratic.js';
import { lstm, type LstmState } from '../optimizers/lstm.js';
import { leaves, tidy } from '../params.js';
import { start, type Position } from '../unroll.js';
import { ready } from './backend.js';
import { unroll } from './index.js';

beforeAll(async () => void (await ready()));
afterEach(() => {
  delete process.env.L2L_ENGINE;
});

const m = lstm().at(lstm().init(1));
const numbers = (state: LstmState) =>
  leaves(state).map(([, leaf]) => Array.from((leaf as tf.Tensor).dataSync()));

/** Three steps on a problem of its own size, which has a machine of its own. */
const walk = (dim: number, from?: Position<LstmState>) => {
  const f = quadratic({ dim })(3);
  return unroll(m, f, from ?? start(m, f), 3).end;
};

describe.for(['native', 'wasm'])('%s: a state keeps its numbers', (engine) => {
  test.for<[string, () => unknown]>([
    ['nothing else', () => {}],
    ['an unroll from the start', () => walk(5)],
    ['two of them', () => [walk(5), walk(5)]],
    ['so many others that it is closed', () => [6, 7, 8, 9, 10].map((dim) => walk(dim))],
  ])('when its machine does three unrolls in a row and then %s', ([, others]) => {
    process.env.L2L_ENGINE = engine;
    tidy(() => {
      const read: number[][][] = [];
      for (let at: Position<LstmState> | undefined; read.length < 3; read.push(numbers(at.state)))
        at = walk(5, at);
      const first = walk(5);
      const second = walk(5, first);
      const third = walk(5, second);
      others();
      expect([first, second, third].map(({ state }) => numbers(state))).toEqual(read);
    });
  });

  test('when another unroll starts from one that its machine has left behind', () => {
    process.env.L2L_ENGINE = engine;
    tidy(() => {
      const first = walk(5);
      const second = walk(5, first);
      const expected = numbers(walk(5, second).state);
      walk(5, first);
      expect(numbers(walk(5, second).state)).toEqual(expected);
    });
  });

  test('in the kernels of TensorFlow.js, as itself and as a copy', () => {
    process.env.L2L_ENGINE = engine;
    const before = tf.memory().numTensors;
    tidy(() => {
      const { h } = walk(5).state[1]!;
      const copy = h.clone();
      const read = Array.from(h.dataSync());
      h.dispose();
      expect(Array.from(copy.add(1).sub(1).dataSync())[0]).toBeCloseTo(read[0]!, 6);
      expect(Array.from(copy.dataSync())).toEqual(read);
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  test('to asynchronous readers', async () => {
    process.env.L2L_ENGINE = engine;
    const { h } = walk(5).state[0]!;
    expect(Array.from(await h.data())).toEqual(Array.from(h.dataSync()));
  });
});

test('states that nobody reads leave no data behind', () => {
  const count = () => ({ tensors: tf.memory().numTensors, buffers: tf.memory().numDataBuffers });
  const before = count();
  tidy(() => void walk(5, walk(5)));
  expect(count()).toEqual(before);
});
