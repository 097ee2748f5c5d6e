import * as tf from '@tensorflow/tfjs';
import { get, tidy } from '../params.js';
import type { Optimizee, Params } from '../types.js';
import { close, type Exercise } from './exercise.js';

/** Notebook 04: the same function in stretched coordinates (random scaling). */
export const scaled: Exercise<(f: Optimizee, c: Params) => Optimizee> = (answer) =>
  tidy(() => {
    const numbers = (theta: Params) => Array.from(get(theta, 'x').dataSync());
    const f: Optimizee = {
      theta0: { x: tf.tensor1d([2, -3]) },
      loss: (theta, t) => get<tf.Tensor1D>(theta, 'x').sub([1, t]).square().sum<tf.Scalar>(),
    };
    const c = { x: tf.tensor1d([10, 0.5]) };
    const g = answer(f, c);
    const lossOf = (theta: Params, t: number) => g.loss(theta, t).dataSync()[0]!;
    if (close([lossOf(c, 2)], [0 + (0.5 - 2) ** 2])) return 'the loss does not depend on c yet';
    const stretched = [[10 - 1, 0.5 - 2], [-20 - 1, 1 - 5]] as const; // prettier-ignore
    const got = [lossOf({ x: tf.tensor1d([1, 1]) }, 2), lossOf({ x: tf.tensor1d([-2, 2]) }, 5)];
    const expected = stretched.map(([a, b]) => a ** 2 + b ** 2);
    if (!close(got, expected, 1e-3)) return 'the loss at θ should be f at c ∘ θ, for the same t';
    if (!close(numbers(g.theta0), [0.2, -6]))
      return 'both should start at the same point of f: what is its θ in the new coordinates?';
    return null;
  });
