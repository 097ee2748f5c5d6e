import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { averaging } from './averaging.js';
import { adam } from './optimizers/index.js';
import { add, get } from './params.js';
import type { Params } from './types.js';

test('the average is the running mean of θ, written out; the steps are those without it', () => {
  const decay = 0.8;
  const plain = adam({ lr: 0.3 });
  const both = averaging(plain, decay);
  let theta: Params = { a: tf.tensor1d([1, -2]), b: tf.tensor2d([[3]]) };
  let alone = theta;
  let [h, hAlone] = [both.init(theta), plain.init(theta)];
  let mean = { a: [1, -2], b: [3] };
  expect(Array.from(get(both.average!(theta, h), 'a').dataSync())).toEqual([1, -2]);
  for (let t = 0; t < 12; t++) {
    const grads = { a: tf.tensor1d([Math.sin(t), t]), b: tf.tensor2d([[Math.cos(3 * t)]]) };
    const [g, next] = both.update(grads, h);
    const [gAlone, nextAlone] = plain.update(grads, hAlone);
    [theta, h] = [add(theta, g), next];
    [alone, hAlone] = [add(alone, gAlone), nextAlone];
    const step = (name: 'a' | 'b') =>
      mean[name].map((m, i) => decay * m + (1 - decay) * get(theta, name).dataSync()[i]!);
    mean = { a: step('a'), b: step('b') };
  }
  const average = both.average!(theta, h);
  for (const name of ['a', 'b'] as const) {
    expect(Array.from(get(theta, name).dataSync())).toEqual(Array.from(get(alone, name).dataSync()));
    const got = Array.from(get(average, name).dataSync());
    got.forEach((x, i) => expect(x).toBeCloseTo(mean[name][i]!, 5));
  }
});
