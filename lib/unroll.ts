import * as tf from '@tensorflow/tfjs';
import { add, ravel, tidy, valueAndGrad } from './params.js';
import { random } from './random.js';
import type { LearnedOptimizer, Optimizee, Optimizer, Params, State } from './types.js';

/** Where an optimization stands before step t: θ_t, h_t and t itself. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Position<S extends State = any> = { theta: Params; state: S; t: number };

/** A stretch of optimization from t to t + steps, both ends included. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Segment<S extends State = any> = {
  /** f_t(θ_t), …, f_{t+steps}(θ_{t+steps}), each the sum over `count` functions. */
  losses: tf.Scalar[];
  /** ∇_t, …, ∇_{t+steps}, at the same points. */
  grads: Params[];
  end: Position<S>;
  count: number;
};

/** The start of an episode: θ₀, h₀, t = 0. */
export function start<S extends State>(optimizer: Optimizer<S>, f: Optimizee): Position<S> {
  return { theta: f.theta0, state: optimizer.init(f.theta0), t: 0 };
}

/** Where an episode goes on: from `here`, or from its start; with `resetState`, from h₀ in any case. */
export function onward<S extends State>(
  optimizer: Optimizer<S>,
  f: Optimizee,
  here: Position<S> | undefined,
  resetState: boolean,
): Position<S> {
  if (!here) return start(optimizer, f);
  return resetState ? { ...here, state: optimizer.init(here.theta) } : here;
}

/** Lets `optimizer` take `steps` steps on f, and records what it saw. */
export function unroll<S extends State>(
  optimizer: Optimizer<S>,
  f: Optimizee,
  from: Position<S>,
  steps: number,
): Segment<S> {
  return tidy(() => {
    const losses: tf.Scalar[] = [];
    const grads: Params[] = [];
    let { theta, state, t } = from;
    for (; ; t++) {
      const seen = valueAndGrad((x) => f.loss(x, t), theta);
      losses.push(seen.value);
      grads.push(seen.grads);
      if (t === from.t + steps) return { losses, grads, end: { theta, state, t }, count: f.count ?? 1 };
      const [updates, next] = optimizer.update(seen.grads, state);
      theta = add(theta, updates);
      state = next;
    }
  });
}

/** The first step of a segment whose gradient is not a number, counted from the segment's start; −1 where all are. */
export function firstNaN({ grads }: Segment): number {
  return tidy(() => grads.findIndex((g) => Number.isNaN(ravel(g).sum().dataSync()[0])));
}

/** Which losses of a segment φ is to lower: all, w_t = 1, as in every experiment of the paper; or the last alone (§2). */
export type Objective = 'sum' | 'last';

export interface MetaGradOptions {
  /** Share of the coordinates that stand for all of them, drawn with `seed`; in (0, 1]. */
  share?: number;
  seed?: number;
  objective?: Objective;
}

/**
 * ∂L/∂φ for L = Σ f(θ_t) / count over a recorded segment (eq. 3, w_t = 1), taking ∂∇_t/∂φ = 0 (§2.1, Fig. 2).
 *
 * Under that assumption f enters only through the recorded gradients:
 * θ_t = θ_0 + Σ_{s<t} g_s gives ∂L/∂φ = Σ_s ⟨ Σ_{t>s} ∇_t , ∂g_s/∂φ ⟩. An update is good as far as it points against
 * every gradient that comes after it. So m is replayed on the recorded gradients and that sum differentiated; f is
 * never differentiated twice.
 *
 * With a `share` below 1, only some coordinates are replayed and weighted up: for an optimizer whose coordinates do not
 * see each other the result is unbiased, at a fraction of the time and memory. Throws for any other optimizer.
 */
export function metaGrad<S extends State>(
  learned: LearnedOptimizer<S>,
  phi: Params,
  from: Position<S>,
  segment: Segment<S>,
  { share = 1, seed = 0, objective = 'sum' }: MetaGradOptions = {},
): Params {
  return tidy(() => {
    const seen = share < 1 ? sampled(learned.at(phi), from.state, segment.grads, share, seed) : undefined;
    const { grads, state: h, weight } = seen ?? { grads: segment.grads, state: from.state, weight: 1 };
    const ahead = gradientsAhead(grads, objective);
    const replay = (weights: Params) => {
      const m = learned.at(weights);
      let state = h;
      let total = tf.scalar(0);
      ahead.forEach((later, s) => {
        const [updates, next] = m.update(grads[s]!, state);
        total = total.add(ravel(updates).dot(later));
        state = next;
      });
      return total.mul(weight / segment.count) as tf.Scalar;
    };
    return valueAndGrad(replay, phi).grads;
  });
}

/** For every step s but the last point: Σ_{t>s} w_t ∇_t, [n]. */
export function gradientsAhead(grads: Params[], objective: Objective = 'sum'): tf.Tensor1D[] {
  if (objective === 'last') return grads.slice(1).map(() => ravel(grads.at(-1)!));
  const sums: tf.Tensor1D[] = [];
  for (let s = grads.length - 2; s >= 0; s--) {
    const next = ravel(grads[s + 1]!);
    sums[s] = sums[s + 1] ? sums[s + 1]!.add(next) : next;
  }
  return sums;
}

function sampled<S extends State>(m: Optimizer<S>, state: S, grads: Params[], share: number, seed: number) {
  if (!m.rows) {
    throw new Error('only a coordinatewise optimizer can be sampled: this one has no rows(); use share 1');
  }
  const n = ravel(grads[0]!).size;
  const chosen = Math.max(1, Math.round(share * n));
  const rows = tf.tensor1d(random(seed, 'coordinates').integers(chosen, 0, n), 'int32');
  return {
    grads: grads.map((g) => ({ sample: ravel(g).gather(rows) })),
    state: m.rows(state, rows),
    weight: n / chosen,
  };
}
