import * as tf from '@tensorflow/tfjs';
import type { Dataset } from '../datasets/dataset.js';
import { examples, minibatch } from '../datasets/minibatch.js';
import { get } from '../params.js';
import { random } from '../random.js';
import type { OptimizeeFamily, Params } from '../types.js';

const activations = { sigmoid: tf.sigmoid, relu: tf.relu, tanh: tf.tanh };

/**
 * A fully connected classifier on minibatches of `data` (§3.2): softmax cross-entropy, mean nats per example.
 *
 * θ is `dense0/kernel` [pixels, hidden], `dense0/bias`, …; weights and biases start from N(0, stddev²), whence the
 * plateau at log 10 = 2.30 in the paper's figures. The seed draws θ₀ and the minibatches, the split the rows they
 * come from.
 *
 * @param hidden units of each hidden layer; the paper's base network has one layer of 20, 15,910 parameters
 * @param batch examples per step
 * @param classes width of the output
 */
export function mlp({
  data,
  hidden = [20],
  activation = 'sigmoid',
  batch = 128,
  classes = data.classes,
  stddev = 0.01,
}: {
  data: Dataset;
  hidden?: readonly number[];
  activation?: keyof typeof activations;
  batch?: number;
  classes?: number;
  stddev?: number;
}): OptimizeeFamily {
  const units = [data.shape.reduce((a, b) => a * b), ...hidden, classes];
  return (seed, split = 'train') => {
    const { normal } = random('mlp', split, seed);
    const layers = units.slice(1).flatMap((width, l): [string, tf.Tensor][] => [
      [`dense${l}/kernel`, normal([units[l]!, width], stddev)],
      [`dense${l}/bias`, normal([width], stddev)],
    ]);
    const loss = (theta: Params, t: number): tf.Scalar => {
      const { x, y } = minibatch(data, batch, split, seed, t);
      const dense = (h: tf.Tensor2D, l: number) =>
        h.matMul(get<tf.Tensor2D>(theta, `dense${l}/kernel`)).add<tf.Tensor2D>(get(theta, `dense${l}/bias`));
      const features = hidden.reduce((h, _, l) => activations[activation](dense(h, l)), x);
      return tf.losses.softmaxCrossEntropy(tf.oneHot(y, classes), dense(features, hidden.length));
    };
    const spec = { units, activation, batch, examples: (t: number) => examples(data, batch, split, seed, t) };
    return { theta0: Object.fromEntries(layers), loss: Object.assign(loss, { spec }) };
  };
}
