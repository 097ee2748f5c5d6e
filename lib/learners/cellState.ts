import * as tf from '@tensorflow/tfjs';
import { get, tidy } from '../params.js';
import { random } from '../random.js';
import type { Params } from '../types.js';
import type { Batch } from './batch.js';

/**
 * Bosc's learner (*Learning to Learn Neural Networks*, 2016): an LSTM whose cell state is the network that it trains.
 *
 * Where it is not an `Optimizer`: it sees examples, not gradients, so it needs no loss to differentiate, and every
 * parameter has output weights of its own, so it fits one architecture alone.
 */
export interface Learner {
  readonly sizes: Sizes;
  /** Draws φ, θ₀ included. */
  init(seed: number): Params;
}

export interface Sizes {
  /** Inputs d of the network f(·; θ). */
  readonly dim: number;
  /** Its hidden units; the paper has 32. */
  readonly units: number;
  /** Units of the learner's own two ReLU layers. */
  readonly hidden: readonly [number, number];
}

/** Number of coordinates of θ: W1 [units, dim], b1 [units], w2 [units], b2, in this order. */
export const thetaSize = ({ dim, units }: Sizes): number => units * (dim + 2) + 1;

/**
 * φ has `dense1/kernel` [dim + 3, h1], `dense1/bias`, `dense2/kernel` [h1, h2], `dense2/bias`, `gates/kernel` [h2, 3P] and
 * `gates/bias` [3P] with the gates in the order input, forget, candidate, and `theta0` [P].
 *
 * @param remember bias of the forget gate at the start while labels are shown, so that θ persists; `admit` that of the
 *   input gate
 * @param shut what the input gates' bias is lower by when no labels are shown, and `keep` what the forget gates' is higher
 *   by: then one unit of each layer carries the flag m at the start
 */
export function cellState({
  dim = 4,
  units = 32,
  hidden = [64, 64] as readonly [number, number],
  remember = 3,
  admit = 0,
  shut = 0,
  keep = 0,
} = {}): Learner {
  const sizes: Sizes = { dim, units, hidden };
  const [h1, h2] = hidden;
  const P = thetaSize(sizes);
  return {
    sizes,
    init: (seed) =>
      tidy(() => {
        const { normal } = random('cellState', seed);
        const he = (from: number, to: number): tf.Tensor2D => normal([from, to], Math.sqrt(2 / from));
        const gates = (values: readonly number[]) => tf.concat1d(values.map((value) => tf.fill([P], value)));
        const flagged = shut !== 0 || keep !== 0;
        // Unit 0 of each layer, [2 m, 16 m]: large, so that a step of the other weights into it moves the gates by little.
        const carry = (kernel: tf.Tensor2D, from: number, weight: number): tf.Tensor2D => {
          if (!flagged) return kernel;
          const column = tf.oneHot([from], kernel.shape[0]).transpose<tf.Tensor2D>().mul<tf.Tensor2D>(weight);
          return tf.concat2d([column, kernel.slice([0, 1])], 1);
        };
        const open = (kernel: tf.Tensor2D): tf.Tensor2D =>
          flagged
            ? tf.concat2d(
                [gates([shut, -keep, 0]).div(16).expandDims<tf.Tensor2D>(), kernel.slice([1, 0])],
                0,
              )
            : kernel;
        const theta0 = [
          normal([units * dim], Math.sqrt(2 / dim)),
          normal([units], 0.5),
          normal([units], Math.sqrt(1 / units)),
          tf.zeros([1]),
        ];
        return {
          'dense1/kernel': carry(he(dim + 3, h1), dim + 2, 2),
          'dense1/bias': tf.zeros([h1]),
          'dense2/kernel': carry(he(h1, h2), 0, 8),
          'dense2/bias': tf.zeros([h2]),
          'gates/kernel': open(normal([h2, 3 * P], 0.5 / Math.sqrt(h2))),
          'gates/bias': gates([admit - shut, remember + keep, 0]),
          theta0: tf.concat1d(theta0 as tf.Tensor1D[]),
        };
      }),
  };
}

/**
 * The cross-entropy of every prediction, [steps, batch], nats: the definition of the learner, in TensorFlow.js.
 *
 * Each step predicts first, ŷ = f(x; θ_t), then updates θ_{t+1} = f ⊙ θ_t + i ⊙ c from [x, m y, ŷ, m], where m is 1 as long
 * as labels are shown.
 */
export function plainLosses(
  { sizes }: Learner,
  phi: Params,
  { x, y, shown, steps, batch }: Batch,
): tf.Tensor2D {
  const { dim, units } = sizes;
  return tidy(() => {
    const row = (values: Float32Array, t: number, width: number) =>
      tf.tensor2d(values.slice(t * batch * width, (t + 1) * batch * width), [batch, width]);
    const dense = (input: tf.Tensor2D, layer: string): tf.Tensor2D =>
      input.matMul(get<tf.Tensor2D>(phi, `${layer}/kernel`)).add(get(phi, `${layer}/bias`));
    const losses: tf.Tensor1D[] = [];
    let theta = get(phi, 'theta0').reshape([1, -1]).tile([batch, 1]) as tf.Tensor2D;
    for (let t = 0; t < steps; t++) {
      const [xt, yt, mt] = [row(x, t, dim), row(y, t, 1), row(shown, t, 1)];
      const [w1, b1, w2, b2] = tf.split(theta, [units * dim, units, units, 1], 1) as tf.Tensor2D[];
      const h = tf.relu(w1!.reshape([batch, units, dim]).mul(xt.expandDims(1)).sum(2).add(b1!));
      const score = h.mul(w2!).sum(1, true).add<tf.Tensor2D>(b2!);
      losses.push(score.softplus().sub(score.mul(yt)).as1D());
      const z = tf.concat2d([xt, yt.mul<tf.Tensor2D>(mt), score.sigmoid() as tf.Tensor2D, mt], 1);
      const u = tf.relu(dense(tf.relu(dense(z, 'dense1')), 'dense2'));
      const [i, f, c] = tf.split(dense(u, 'gates'), 3, 1) as tf.Tensor2D[];
      theta = theta.mul<tf.Tensor2D>(f!.sigmoid()).add(i!.sigmoid().mul(c!.tanh()));
    }
    return tf.stack(losses) as tf.Tensor2D;
  });
}
