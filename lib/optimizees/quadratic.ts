import type * as tf from '@tensorflow/tfjs';
import { get } from '../params.js';
import { random } from '../random.js';
import type { OptimizeeFamily, Params } from '../types.js';

/**
 * f(θ) = ‖Wθ − y‖² (§3.1), `batch` functions side by side, each with its own W, y and θ₀; the loss is their sum.
 *
 * The text draws W and y from N(0, 1); the authors' code and the published curves have U[0, 1).
 *
 * @param dim size of θ, and rows of W
 * @param batch number of functions
 * @param entries what W and y are drawn from
 * @param stddev of θ₀ ~ N(0, stddev²); 0.01 in the authors' code
 */
export function quadratic({
  dim = 10,
  batch = 1,
  entries = 'uniform',
  stddev = 0.01,
}: {
  dim?: number;
  batch?: number;
  entries?: 'uniform' | 'gaussian';
  stddev?: number;
} = {}): OptimizeeFamily {
  return (seed, split = 'train') => {
    const { normal, uniform } = random('quadratic', split, seed);
    const draw = {
      uniform: (shape: [number, number, number]) => uniform<tf.Rank.R3>(shape),
      gaussian: (shape: [number, number, number]) => normal<tf.Rank.R3>(shape),
    };
    const W = draw[entries]([batch, dim, dim]);
    const y = draw[entries]([batch, dim, 1]);
    const loss = (params: Params): tf.Scalar => W.matMul(get(params, 'theta')).sub(y).square().sum();
    return {
      theta0: { theta: normal<tf.Rank.R3>([batch, dim, 1], stddev) },
      count: batch,
      loss: Object.assign(loss, { spec: { W, y } }),
    };
  };
}
