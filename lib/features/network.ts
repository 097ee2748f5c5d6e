import * as tf from '@tensorflow/tfjs';
import { tidy } from '../params.js';

/** A step of a feature network: a 3 × 3 convolution (SAME, stride 1) with its ReLU, or a halving (2 × 2). */
export type FeatureLayer =
  | { readonly name: string; readonly kernel: tf.Tensor4D; readonly bias: tf.Tensor1D } // name as in VGG: conv1_1
  | { readonly name: string; readonly pool: 'average' | 'max' }; // pool1

/** A network whose activations behind each ReLU describe a picture (§3.4). */
export interface FeatureNetwork {
  /** What figures call it. */
  readonly name: string;
  /** From a picture, RGB 0…1, to the input: x · scale − mean, channels in `order`. `mean` in that order. */
  readonly input: {
    readonly scale: number;
    readonly mean: readonly [number, number, number];
    readonly order: 'rgb' | 'bgr';
  };
  readonly layers: readonly FeatureLayer[];
  /** Where style and content are taken, by name. */
  readonly style: readonly string[];
  readonly content: string;
}

/** Activations [height, width, channels] by the name of their layer. */
export type Features = { readonly [layer: string]: tf.Tensor3D };

/**
 * What the network sees in a picture: the activations behind the ReLU (or behind the halving) of the layers `names`.
 * Nothing is computed beyond the deepest of them. Differentiable with respect to the picture.
 *
 * @param image RGB, around 0 … 1, [height, width, 3]
 * @throws where a name is none of the network's, or the picture is too small for its halvings
 */
export function features(network: FeatureNetwork, image: tf.Tensor3D, names: readonly string[]): Features {
  const layers = upTo(network, names);
  checkSize(network, image.shape, layers);
  return tidy(() => {
    const found: { [layer: string]: tf.Tensor3D } = {};
    layers.reduce(
      (x, layer) => {
        const y = through(layer, x);
        if (names.includes(layer.name)) found[layer.name] = y.squeeze<tf.Tensor3D>([0]);
        return y;
      },
      input(network, image),
    );
    return found;
  });
}

/**
 * The layers up to the deepest of `names`.
 *
 * @throws where a name is none of the network's, listing those there are
 */
export function upTo({ name, layers }: FeatureNetwork, names: readonly string[]): readonly FeatureLayer[] {
  const places = names.map((wanted) => {
    const at = layers.findIndex((layer) => layer.name === wanted);
    if (at >= 0) return at;
    const known = layers.map((layer) => layer.name).join(', ');
    throw new Error(`${name} has no layer '${wanted}'; there are: ${known}`);
  });
  return layers.slice(0, 1 + Math.max(-1, ...places));
}

/** Throws where a picture has not three channels or is too small for one halving by each of the pools. */
export function checkSize(
  { name }: Pick<FeatureNetwork, 'name'>,
  shape: readonly number[],
  layers: readonly FeatureLayer[],
): void {
  const least = 2 ** layers.filter((layer) => 'pool' in layer).length;
  const [height = 0, width = 0, channels] = shape;
  if (shape.length === 3 && channels === 3 && Math.min(height, width) >= least) return;
  throw new Error(`${name}: expected a picture [height, width, 3] of ${least} × ${least} or more, got [${shape}]`); // prettier-ignore
}

function input({ input: { scale, mean, order } }: FeatureNetwork, image: tf.Tensor3D): tf.Tensor4D {
  const ordered = order === 'bgr' ? image.reverse<tf.Tensor3D>(2) : image;
  return ordered
    .mul(scale)
    .sub(tf.tensor1d([...mean]))
    .expandDims<tf.Tensor4D>(0);
}

function through(layer: FeatureLayer, x: tf.Tensor4D): tf.Tensor4D {
  if (!('pool' in layer)) return x.conv2d(layer.kernel, 1, 'same').add<tf.Tensor4D>(layer.bias).relu();
  const halved = layer.pool === 'average' ? tf.avgPool : tf.maxPool;
  return halved<tf.Tensor4D>(x, 2, 2, 'valid');
}
