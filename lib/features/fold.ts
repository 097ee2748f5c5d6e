// From the network that was trained to the one that is kept: batch norms folded away, filters normalised.
import * as tf from '@tensorflow/tfjs';
import type { Dataset } from '../datasets/dataset.js';
import { get, tidy } from '../params.js';
import type { Watch } from '../progress.js';
import type { Params } from '../types.js';
import { foldedMaps, inTurn, layerNames, maps, type Shape } from './classifier.js';
import type { SmallVggSettings } from './settings.js';

/** Mean and variance of every channel in front of a batch norm. */
export type Moments = { readonly mean: tf.Tensor1D; readonly variance: tf.Tensor1D };

/** Convolution l of θ, of the names of `convnet`, without its batch norm. */
const convolution = (theta: Params, x: tf.Tensor4D, l: number) =>
  x.conv2d(get<tf.Tensor4D>(theta, `conv${l}/kernel`), 1, 'same').add<tf.Tensor4D>(get(theta, `conv${l}/bias`)); // prettier-ignore

/**
 * The moments of every convolution over the first pictures of the training split, as many as `statistics` says, as they
 * are: each group of pictures goes through the network with its own moments in front, as in training, and those of all
 * groups are put together.
 */
export async function moments(
  { pool, epsilon, statistics }: SmallVggSettings,
  theta: Params,
  data: Dataset,
  watch: Watch = {},
): Promise<Moments[]> {
  const [from, to] = data.splits.train;
  const end = Math.min(to, from + statistics);
  const sums = pool.map((_, l) =>
    Array.from({ length: 2 }, () => new Float64Array(get(theta, `conv${l}/bias`).size)),
  );
  const see = (x: tf.Tensor4D) => {
    const share = x.shape[0] / (end - from);
    maps({ pool }, x, (x, l) => {
      const z = convolution(theta, x, l);
      const { mean, variance } = tf.moments(z, [0, 1, 2]) as Moments;
      [mean, variance.add(mean.square())].forEach((m, i) => addTo(sums[l]![i]!, share, m));
      return normalised(z, { mean, variance }, get(theta, `conv${l}/offset`), epsilon);
    });
  };
  await inTurn(data, [from, end], see, watch);
  return sums.map(([mean, square]) => ({
    mean: tf.tensor1d(Float32Array.from(mean!)),
    variance: tf.tensor1d(Float32Array.from(square!, (s, k) => s - mean![k]! ** 2)),
  }));
}

const addTo = (sums: Float64Array, share: number, x: tf.Tensor) =>
  x.dataSync().forEach((value, k) => (sums[k]! += share * value));

/** Batch norm, offset only, with its ReLU. */
const normalised = (z: tf.Tensor4D, { mean, variance }: Moments, offset: tf.Tensor, epsilon: number) =>
  z.sub(mean).mul(variance.add(epsilon).rsqrt()).add(offset).relu() as tf.Tensor4D;

/**
 * θ of a `convnet` with an averaging head, its batch norms folded into kernels and biases with given moments: with
 * r = 1 / √(variance + ε), filters r w and biases r (b − mean) + offset. The names are those of {@link layerNames}, and
 * `classes/kernel`, `classes/bias`.
 */
export function folded(
  shape: Shape & { epsilon: number },
  theta: Params,
  statistics: readonly Moments[],
): Params {
  return tidy(() => {
    const convolutions = layerNames(shape).flatMap((name, l) => {
      const { mean, variance } = statistics[l]!;
      const r = variance.add(shape.epsilon).rsqrt();
      const bias = get(theta, `conv${l}/bias`)
        .sub(mean)
        .mul(r)
        .add(get(theta, `conv${l}/offset`));
      return [
        [`${name}/kernel`, get(theta, `conv${l}/kernel`).mul(r)],
        [`${name}/bias`, bias],
      ] as const;
    });
    const classes = ['kernel', 'bias'].map((part) => [`classes/${part}`, get(theta, `dense0/${part}`).clone()] as const); // prettier-ignore
    return Object.fromEntries([...convolutions, ...classes]);
  });
}

/**
 * The mean of every channel of every convolution over pictures and positions, behind the ReLU, with average pooling as
 * in the use as features. Over the first pictures of the training split, as many as `statistics` says.
 */
export async function meanActivations(
  settings: Shape & { statistics: number },
  params: Params,
  data: Dataset,
  watch: Watch = {},
): Promise<tf.Tensor1D[]> {
  const [from, to] = data.splits.train;
  const end = Math.min(to, from + settings.statistics);
  const sums = settings.filters.map((n) => new Float64Array(n));
  const see = (x: tf.Tensor4D) => {
    const activations = foldedMaps(settings, params, x, 'average');
    activations.forEach((y, l) => addTo(sums[l]!, x.shape[0] / (end - from), y.mean([0, 1, 2])));
  };
  await inTurn(data, [from, end], see, watch);
  return sums.map((sum) => tf.tensor1d(Float32Array.from(sum)));
}

/** Filters whose mean activation is below are silent, and stay as they are. */
const silent = 1e-6;

/**
 * Every filter divided by its mean activation, which is undone in the next layer (Gatys, Ecker & Bethge, CVPR 2016, §2):
 * a ReLU and a pooling let a positive factor through, so the network computes the same. A filter that is silent on all
 * pictures stays as it is.
 */
export function filtersNormalised(shape: Shape, params: Params, means: readonly tf.Tensor1D[]): Params {
  return tidy(() => {
    const names = [...layerNames(shape), 'classes'];
    const factors = means.map((mean) => mean.where(mean.greater(silent), tf.onesLike(mean)));
    const scaled = names.flatMap((name, l) => {
      const inputs = factors[l - 1]?.expandDims(1) ?? tf.scalar(1);
      const outputs = factors[l] ?? tf.scalar(1);
      return [
        [`${name}/kernel`, get(params, `${name}/kernel`).mul(inputs).div(outputs)],
        [`${name}/bias`, get(params, `${name}/bias`).div(outputs)],
      ] as const;
    });
    return Object.fromEntries(scaled);
  });
}
