import * as tf from '@tensorflow/tfjs';
import { join } from 'node:path';
import { dataEntry, dataPlace, hasData, readChecked } from '../datasets/manifest.js';
import type { FeatureLayer, FeatureNetwork } from './network.js';
import { convolutions, readVgg19, type Weights } from './vgg19File.js';

/** Where Gatys et al. (2016) take style and content. */
const gatys = { style: ['conv1_1', 'conv2_1', 'conv3_1', 'conv4_1', 'conv5_1'], content: 'conv4_2' } as const;
/** The same as far as a file goes that ends with block 3. */
const short = { style: ['conv1_1', 'conv2_1', 'conv3_1'], content: 'conv3_2' } as const;

const read: { [key: string]: FeatureNetwork } = {};

/**
 * VGG-19 (Simonyan & Zisserman, 2015; weights of the Visual Geometry Group, Oxford, CC BY 4.0) with average pooling, cut
 * behind the deepest layer asked for: from the file that the environment variable `L2L_VGG19` names, Keras's
 * `vgg19_weights_tf_dim_ordering_tf_kernels(_notop).h5` or the raw layout of {@link readVgg19}; else from where
 * `npm run data -- fetch vgg19` puts it. Nothing is downloaded from here. The name says where the network is cut.
 *
 * Without arguments style and content are taken where Gatys et al. take them, or, where the file ends before that, style
 * at conv1_1, conv2_1, conv3_1 and content at conv3_2.
 *
 * @throws where there are no weights, they are damaged, or do not go as deep as asked for; what to do is said
 */
export function vgg19(wanted: Partial<Pick<FeatureNetwork, 'style' | 'content'>> = {}): FeatureNetwork {
  const path = weightsPath();
  return (read[JSON.stringify([path, wanted])] ??= network(path, wanted));
}

/** Whether there are weights for {@link vgg19}. */
export const hasVgg19 = (): boolean => Boolean(process.env.L2L_VGG19) || hasData('vgg19');

function weightsPath(): string {
  const own = process.env.L2L_VGG19;
  if (own) return own;
  const { folder, remedy } = dataPlace('vgg19');
  const [file] = dataEntry('vgg19').files;
  if (!hasData('vgg19'))
    throw new Error(
      `no weights of VGG-19: ${remedy}, or set L2L_VGG19 to a file of them (see data/README.md)`,
    );
  readChecked(folder, file!, remedy);
  return join(folder, file!.path);
}

function network(path: string, wanted: Partial<Pick<FeatureNetwork, 'style' | 'content'>>): FeatureNetwork {
  const weights = readVgg19(path);
  const reaches = (name: string) => weights.some((layer) => layer.name === name);
  const usual = [...gatys.style, gatys.content].every(reaches) ? gatys : short;
  const { style, content } = { ...usual, ...wanted };
  const missing = [...style, content].find((name) => !reaches(name));
  if (missing !== undefined) {
    const known = convolutions.some(({ name }) => name === missing);
    const there = `${path} ends with ${weights.at(-1)!.name}`;
    throw new Error(known ? `no ${missing} of VGG-19: ${there}` : `VGG-19 has no convolution '${missing}'`);
  }
  const depth = 1 + Math.max(...[...style, content].map((name) => weights.findIndex((w) => w.name === name)));
  const last = weights[depth - 1]!.name;
  return {
    name:
      depth > convolutions.findIndex(({ name }) => name === 'conv5_1')
        ? 'VGG-19'
        : `VGG-19 cut behind ${last}`,
    input: { scale: 255, mean: [103.939, 116.779, 123.68], order: 'bgr' },
    layers: weights.slice(0, depth).flatMap(layers),
    style,
    content,
  };
}

/** A convolution, and before the first of a block but the first the halving. */
function layers({ name, inputs, outputs, kernel, bias }: Weights): FeatureLayer[] {
  const [, block, place] = /^conv(\d)_(\d)$/.exec(name)!;
  const halving = { name: `pool${Number(block) - 1}`, pool: 'average' } as const;
  const convolution = {
    name,
    kernel: tf.keep(tf.tensor4d(kernel, [3, 3, inputs, outputs])),
    bias: tf.keep(tf.tensor1d(bias)),
  };
  return place === '1' && block !== '1' ? [halving, convolution] : [convolution];
}
