import * as tf from '@tensorflow/tfjs';
import type { Dataset } from '../datasets/dataset.js';
import { examples, tensorsOf } from '../datasets/minibatch.js';
import { get } from '../params.js';
import { random } from '../random.js';
import type { ConvSpec, OptimizeeFamily, Params } from '../types.js';

/**
 * The convolutional classifier of §3.3 on minibatches of `data`: softmax cross-entropy, mean nats per example.
 *
 * Each convolution (SAME, stride 1) is followed by batch normalisation, ReLU and 2 × 2 max-pooling, each hidden dense
 * layer by batch normalisation and ReLU; a dense layer gives the classes. Batch normalisation has an offset and no
 * scale, and takes the statistics of the minibatch. The layers' sizes, the place of the normalisation and ε are those
 * of the authors' code.
 *
 * θ is `conv0/kernel` [kernel, kernel, channels, filters], `conv0/bias`, `conv0/offset`, …, `dense0/kernel`,
 * `dense0/bias`, `dense0/offset`, …, and the last dense layer without an offset: 22,682 parameters on CIFAR-10, all
 * from N(0, stddev²). The seed draws θ₀ and the minibatches, the split the rows they come from.
 *
 * Other networks of this kind (the VGGs of neural art) pool behind some convolutions only, and see the mean of the last
 * maps.
 *
 * @param filters channels of each convolution
 * @param pool whether 2 × 2 max-pooling follows, for each convolution; behind all where it is absent
 * @param average the dense layers see the mean over the pixels of the last maps
 * @param kernel side of every convolution's window
 * @param hidden units of each hidden dense layer
 * @param batch examples per step
 * @param classes width of the output: the labels of the data
 * @param epsilon added to the variance in every batch normalisation
 * @param draw the t-th minibatch: a pure function
 * @throws where the pictures are too small for so many halvings; where `pool` has not an entry for each convolution
 */
export function convnet({
  data,
  filters = [16, 16, 16],
  pool,
  average,
  kernel = 5,
  hidden = [32],
  batch = 128,
  classes = data.classes,
  stddev = 0.01,
  epsilon = 1e-3,
  draw = examples,
}: {
  data: Dataset;
  filters?: readonly number[];
  pool?: readonly boolean[];
  average?: boolean;
  kernel?: number;
  hidden?: readonly number[];
  batch?: number;
  classes?: number;
  stddev?: number;
  epsilon?: number;
  draw?: typeof examples;
}): OptimizeeFamily {
  const [side, width, channels] = data.shape as [number, number, number];
  const pools = filters.map((_, l) => pool?.[l] ?? true);
  if (pool && pool.length !== filters.length)
    throw new Error(`convnet: pool has ${pool.length} entries for ${filters.length} convolutions`);
  const halvings = pools.filter(Boolean).length;
  const reduced = sideBehind(side, filters.length, pool);
  if (side !== width || reduced < 1) {
    const expected = `pictures of n × n with n ≥ ${2 ** halvings} for ${halvings} halvings`;
    throw new Error(`convnet: expected ${expected}, got [${data.shape}]`);
  }
  const inputs = [channels, ...filters];
  const units = [(average ? 1 : reduced * reduced) * inputs.at(-1)!, ...hidden, classes];

  return (seed, split = 'train') => {
    const { normal } = random('convnet', split, seed);
    const drawn = (name: string, kernel: readonly number[], normalised: boolean): [string, tf.Tensor][] => [
      [`${name}/kernel`, normal(kernel as [number], stddev)],
      [`${name}/bias`, normal([kernel.at(-1)!], stddev)],
      ...(normalised ? [[`${name}/offset`, normal([kernel.at(-1)!], stddev)] as [string, tf.Tensor]] : []),
    ];
    const theta0 = Object.fromEntries([
      ...filters.flatMap((n, l) => drawn(`conv${l}`, [kernel, kernel, inputs[l]!, n], true)),
      ...units.slice(1).flatMap((n, l) => drawn(`dense${l}`, [units[l]!, n], l < hidden.length)),
    ]);

    const loss = (theta: Params, t: number): tf.Scalar => {
      const of = <T extends tf.Tensor>(name: string) => get<T>(theta, name);
      const rectified = <T extends tf.Tensor>(x: T, layer: string) =>
        normalised(x, of(`${layer}/offset`), epsilon).relu() as T;
      const convolution = (x: tf.Tensor4D, l: number) => {
        const h = x.conv2d(of<tf.Tensor4D>(`conv${l}/kernel`), 1, 'same').add<tf.Tensor4D>(of(`conv${l}/bias`)); // prettier-ignore
        const y = rectified(h, `conv${l}`);
        return pools[l] ? y.maxPool<tf.Tensor4D>(2, 2, 'valid') : y;
      };
      const dense = (x: tf.Tensor2D, l: number) =>
        x.matMul(of<tf.Tensor2D>(`dense${l}/kernel`)).add<tf.Tensor2D>(of(`dense${l}/bias`));
      const { x, y } = tensorsOf(draw(data, batch, split, seed, t));
      const pictures = x.reshape([batch, side, side, channels]) as tf.Tensor4D;
      const maps = filters.reduce((h, _, l) => convolution(h, l), pictures);
      const features = hidden.reduce(
        (h, _, l) => rectified(dense(h, l), `dense${l}`),
        (average ? maps.mean([1, 2]) : maps).reshape([batch, units[0]!]) as tf.Tensor2D,
      );
      return tf.losses.softmaxCrossEntropy(tf.oneHot(y, classes), dense(features, hidden.length));
    };
    const spec: ConvSpec = {
      ...{ side, channels, filters, pool, average, kernel, dense: units.slice(1), epsilon, batch },
      examples: (t) => draw(data, batch, split, seed, t),
    };
    return { theta0, loss: Object.assign(loss, { spec }) };
  };
}

/** Side of the maps behind so many convolutions, each with a halving where `pool` says nothing else. */
export const sideBehind = (side: number, convolutions: number, pool?: readonly boolean[]): number =>
  Array.from({ length: convolutions }, (_, l) => pool?.[l] ?? true).reduce(
    (pixels, halved) => (halved ? Math.floor(pixels / 2) : pixels),
    side,
  );

/** Batch normalisation, offset only: (x − μ) / √(σ² + ε) + β, over all axes but the last. */
function normalised<T extends tf.Tensor>(x: T, offset: tf.Tensor, epsilon: number): T {
  const axes = x.shape.slice(1).map((_, i) => i);
  const centred = x.sub(x.mean(axes));
  return centred.mul(centred.square().mean(axes).add(epsilon).rsqrt()).add(offset) as T;
}
