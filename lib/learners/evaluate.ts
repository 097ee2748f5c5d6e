import type { Stream } from '../datasets/xorGaussians.js';
import { softplus } from '../rivals/logistic.js';
import type { Params } from '../types.js';
import { sideBySideStreams } from './batch.js';
import { type Learner, thetaSize } from './cellState.js';
import { pass } from './pass.js';

/** The learner on one stream. */
export interface Seen {
  /** L: mean cross-entropy over the examples whose label is hidden, nats. */
  readonly loss: number;
  /** Cross-entropy of every prediction: [steps]. */
  readonly losses: readonly number[];
  /** ‖θ_{t+1} − θ_t‖ of every step. */
  readonly updates: readonly number[];
}

/** Runs the learner over streams of one length, so many side by side. */
export function watch(learner: Learner, phi: Params, streams: readonly Stream[], side = 50): Seen[] {
  const P = thetaSize(learner.sizes);
  const seen: Seen[] = [];
  for (let from = 0; from < streams.length; from += side) {
    const group = streams.slice(from, from + side);
    const { losses, theta } = pass(learner, phi, sideBySideStreams(group));
    group.forEach((stream, b) => {
      const steps = Array.from(stream.y, (_, t) => t);
      const mine = steps.map((t) => losses[t * group.length + b]!);
      const updates = steps.map((t) => {
        const [at, next] = [(t * group.length + b) * P, ((t + 1) * group.length + b) * P];
        let square = 0;
        for (let p = 0; p < P; p++) square += (theta[next + p]! - theta[at + p]!) ** 2;
        return Math.sqrt(square);
      });
      const hidden = mine.slice(stream.train);
      seen.push({ loss: hidden.reduce((a, b) => a + b, 0) / hidden.length, losses: mine, updates });
    });
  }
  return seen;
}

/** θ_t of one stream, t = 0 … steps: rows of [P] each. */
export function thetas(learner: Learner, phi: Params, stream: Stream): Float32Array[] {
  const P = thetaSize(learner.sizes);
  const { theta } = pass(learner, phi, sideBySideStreams([stream]));
  return Array.from({ length: stream.y.length + 1 }, (_, t) => theta.slice(t * P, (t + 1) * P));
}

/** The θ of one stream as the figure shows it: W1 [units × dim rows] and w2 [units rows] over the steps. */
export function rowsOfTheta(
  { sizes }: Learner,
  path: readonly Float32Array[],
): { W1: number[][]; w2: number[][] } {
  const { dim, units } = sizes;
  const over = (from: number, count: number) =>
    Array.from({ length: count }, (_, row) => path.map((theta) => theta[from + row]!));
  return { W1: over(0, units * dim), w2: over(units * (dim + 1), units) };
}

/** Mean cross-entropy of f(·; θ_t) on the test part of the stream, at every step. */
export function testLosses(
  { sizes }: Learner,
  path: readonly Float32Array[],
  { x, y, train }: Stream,
): number[] {
  const { dim, units } = sizes;
  return path.map((theta) => {
    let total = 0;
    for (let row = train; row < y.length; row++) {
      let score = theta[units * (dim + 2)]!;
      for (let k = 0; k < units; k++) {
        let sum = theta[units * dim + k]!;
        for (let j = 0; j < dim; j++) sum += theta[k * dim + j]! * x[row * dim + j]!;
        score += Math.max(sum, 0) * theta[units * (dim + 1) + k]!;
      }
      total += softplus(score) - score * y[row]!;
    }
    return total / (y.length - train);
  });
}
