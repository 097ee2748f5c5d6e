import * as tf from '@tensorflow/tfjs';
import { checkSize, features, upTo, type FeatureNetwork } from '../features/network.js';
import { get, tidy } from '../params.js';
import { random } from '../random.js';
import type { OptimizeeFamily, Params, Split, StyleSpec, Target } from '../types.js';

/**
 * Neural art (§3.4, after Gatys et al., 2016): f(θ) = α · content + β · style + γ · total variation, where θ is the
 * picture itself, `image` [height, width, 3], RGB around 0 … 1, of any size and not clamped.
 *
 * - content: ‖F − P‖² / ‖P‖², F and P the activations of θ and of the content picture at the network's content layer;
 * - style: the mean over the network's style layers of ‖G − A‖² / ‖A‖², where the Gram matrices G = FᵀF / (height · width)
 *   of θ and A of the style picture do not depend on the pictures' sizes, which may differ;
 * - total variation: the mean over all numbers of θ of the squared steps to the next one below and to the right.
 *
 * Gatys et al. weight the layers by their numbers of channels instead. Relative distances have the same size on every
 * network, so that one choice of α, β, γ, and one φ, serves the small one and VGG-19.
 *
 * The seed and the split choose the content picture, one for each f; the style picture belongs to the family. Targets are
 * computed once for each f, those of the style once for the family.
 *
 * @param contents the content picture of a seed and split, [height, width, 3]
 * @param style the style picture, [height, width, 3]
 * @param begin θ₀: the content picture itself, as in most uses since, from where 128 steps make a picture to look at; or
 *   `noise` from N(1/2, 1/4²), as Gatys et al. and as the paper starts its other θ (for this one it does not say)
 * @throws where a layer is none of the network's, or a picture is too small for the network's halvings
 */
export function style({
  network,
  contents,
  style,
  alpha = 1,
  beta = 1,
  gamma = 1,
  begin = 'content',
}: {
  network: FeatureNetwork;
  contents: (seed: number, split: Split) => tf.Tensor3D;
  style: tf.Tensor3D;
  alpha?: number;
  beta?: number;
  gamma?: number;
  begin?: 'content' | 'noise';
}): OptimizeeFamily {
  const names = [...network.style, network.content];
  const layers = upTo(network, names);
  const toPainting = tidy(() => {
    const seen = features(network, style, network.style);
    return network.style.map((layer) => target(layer, gram(seen[layer]!), beta / network.style.length));
  });
  /** Of the picture that was asked for last: f is often drawn again for the next unroll. */
  let last: { key: string; toContent: Target } | undefined;
  const contentOf = (key: string, picture: tf.Tensor3D) => {
    if (last?.key === key) return last.toContent;
    const toContent = tidy(() =>
      target(network.content, features(network, picture, [network.content])[network.content]!, alpha),
    );
    last = { key, toContent };
    return toContent;
  };

  return (seed, split = 'train') => {
    const picture = tidy(() => contents(seed, split).clone());
    const [height, width] = picture.shape;
    checkSize(network, picture.shape, layers);
    const spec: StyleSpec = {
      ...{ height, width, input: network.input, layers },
      content: contentOf(`${split}/${seed}`, picture),
      style: toPainting,
      variation: gamma / picture.size,
    };
    const loss = (theta: Params): tf.Scalar => {
      const image = get<tf.Tensor3D>(theta, 'image');
      const seen = features(network, image, names);
      const content = distance(seen[network.content]!, spec.content);
      const styles = spec.style.map((to) => distance(gram(seen[to.layer]!), to));
      return tf.addN([content, ...styles, variation(image).mul<tf.Scalar>(spec.variation)]);
    };
    const noise = () => random('style', split, seed).normal<tf.Rank.R3>(picture.shape, 1 / 4);
    const theta0 = { image: begin === 'content' ? picture : tidy(() => noise().add<tf.Tensor3D>(1 / 2)) };
    if (begin !== 'content') picture.dispose();
    return { theta0, loss: Object.assign(loss, { spec }) };
  };
}

/** FᵀF / (height · width), [channels, channels]. */
function gram(activations: tf.Tensor3D): tf.Tensor2D {
  const [height, width, channels] = activations.shape;
  const rows = activations.reshape<tf.Tensor2D>([height * width, channels]);
  return rows.matMul<tf.Tensor2D>(rows, true).div(height * width);
}

/** A distance of 1, times `weight`, is as far from these numbers as 0 is. */
function target(layer: string, numbers: tf.Tensor, weight: number): Target {
  const values = Float32Array.from(numbers.dataSync());
  const size = values.reduce((sum, x) => sum + x * x, 0);
  return { layer, values, weight: weight / (size || 1) };
}

const distance = (x: tf.Tensor, { values, weight }: Target): tf.Scalar =>
  x.sub(tf.tensor(values, x.shape)).square().sum<tf.Scalar>().mul(weight);

/** The sum of the squared steps from each pixel to the next one below and to the right. */
function variation(image: tf.Tensor3D): tf.Scalar {
  const [height, width] = image.shape;
  const down = image.slice([1, 0, 0]).sub(image.slice([0, 0, 0], [height - 1, width, 3]));
  const right = image.slice([0, 1, 0]).sub(image.slice([0, 0, 0], [height, width - 1, 3]));
  return down.square().sum().add(right.square().sum());
}
