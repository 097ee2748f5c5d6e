import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import { loadParams, type Metadata } from '../checkpoint.js';
import { dataFolder } from '../data.js';
import { get } from '../params.js';
import type { Params } from '../types.js';
import { layerNames, type Shape } from './classifier.js';
import type { FeatureLayer, FeatureNetwork } from './network.js';
import { smallVggSettings } from './settings.js';

/** Where the network lies. */
export const smallVggPath = (): string => join(dataFolder(), 'features', 'small-vgg.safetensors');

/**
 * The feature network that comes with the library: a small VGG, trained on CIFAR-10 by `npm run features`, its filters
 * normalised, with average pooling (Gatys, Ecker & Bethge, CVPR 2016, §2). The caller disposes its tensors.
 *
 * @throws where the file is not there or broken
 */
export function smallVgg(): FeatureNetwork {
  return asFeatures(smallVggSettings, readSmallVgg().params);
}

/** All parameters of the committed network, the head for CIFAR-10's classes included, and what its file says of itself. */
export function readSmallVgg(path = smallVggPath()): { params: Params; metadata: Metadata } {
  if (!existsSync(path)) throw new Error(`no small VGG at ${path}: run npm run features`);
  return loadParams(path);
}

/** A folded network as one whose activations are features. */
export function asFeatures(shape: Shape, params: Params): FeatureNetwork {
  const names = layerNames(shape);
  const layers = names.flatMap((name, l): FeatureLayer[] => {
    const kernel = get<tf.Tensor4D>(params, `${name}/kernel`);
    const bias = get<tf.Tensor1D>(params, `${name}/bias`);
    const block = name.slice('conv'.length, name.indexOf('_'));
    return [
      { name, kernel, bias },
      ...(shape.pool[l] ? [{ name: `pool${block}`, pool: 'average' } as const] : []),
    ];
  });
  return {
    name: 'small VGG (CIFAR-10)',
    input: { scale: 1, mean: [0, 0, 0], order: 'rgb' }, // it was trained on RGB from 0 to 1
    layers,
    style: ['conv1_1', 'conv1_2', 'conv2_1', 'conv2_2'], // in conv3_1 one channel outweighs all others
    content: 'conv3_2',
  };
}
