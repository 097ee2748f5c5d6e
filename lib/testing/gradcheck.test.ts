import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { get } from '../params.js';
import type { Params } from '../types.js';
import { directionalError } from './gradcheck.js';

const f = (p: Params) => get(p, 'x').pow(3).sum() as tf.Scalar;
const at = { x: tf.tensor1d([1, 2, 3]) };

test('the checker accepts the true gradient', () => {
  expect(directionalError(f, at, { x: tf.tensor1d([3, 12, 27]) })).toBeLessThan(1e-3);
});

test('the checker rejects a gradient that is wrong by one per cent', () => {
  expect(directionalError(f, at, { x: tf.tensor1d([3.03, 12.12, 27.27]) })).toBeGreaterThan(5e-3);
});
