import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { gram } from './gram.js';

const rows = (x: tf.Tensor3D) => x.reshape<tf.Tensor2D>([x.shape[0] * x.shape[1], x.shape[2]]);
const right = (x: tf.Tensor3D) => rows(x).matMul<tf.Tensor2D>(rows(x), true).div<tf.Tensor2D>(x.size / x.shape[2]); // prettier-ignore

test.each([
  ['the right one', right, null],
  ['nothing', () => undefined as never, 'nothing came back'],
  ['pixels by pixels', (x: tf.Tensor3D) => rows(x).matMul<tf.Tensor2D>(rows(x), false, true), 'one number for each pair of channels; yours is [6,6]'], // prettier-ignore
  ['a sum', (x: tf.Tensor3D) => rows(x).matMul<tf.Tensor2D>(rows(x), true), 'divide by the number of pixels'],
  ['over the height alone', (x: tf.Tensor3D) => right(x.slice(0, 1)), 'should not matter'],
  ['centred', (x: tf.Tensor3D) => right(x.sub(x.mean([0, 1]))), 'the product of channel i'],
])('the Gram matrix: %s', (_, answer, hint) => {
  const said = gram(answer as (x: tf.Tensor3D) => tf.Tensor2D);
  if (hint === null) expect(said).toBeNull();
  else expect(said).toContain(hint);
});
