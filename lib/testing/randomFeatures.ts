import * as tf from '@tensorflow/tfjs';
import type { FeatureLayer, FeatureNetwork } from '../features/network.js';
import { random } from '../random.js';

/**
 * A feature network with random filters (He's scale, so that activations keep their size), for tests and measurements.
 *
 * @param blocks channels of the convolutions of each block, a halving between blocks
 */
export function randomFeatures(
  seed: number,
  blocks: readonly (readonly number[])[] = [[4, 5], [6]],
  change: Partial<FeatureNetwork> = {},
): FeatureNetwork {
  const { normal } = random('random features', seed);
  let inputs = 3;
  const convolution = (name: string, outputs: number): FeatureLayer => {
    const kernel = normal<tf.Rank.R4>([3, 3, inputs, outputs], Math.sqrt(2 / (9 * inputs)));
    inputs = outputs;
    return { name, kernel: tf.keep(kernel), bias: tf.keep(normal<tf.Rank.R1>([outputs], 0.1)) };
  };
  const layers = blocks.flatMap((block, b): FeatureLayer[] => [
    ...(b ? [{ name: `pool${b}`, pool: 'average' } as const] : []),
    ...block.map((outputs, i) => convolution(`conv${b + 1}_${i + 1}`, outputs)),
  ]);
  return {
    name: 'random filters',
    input: { scale: 2, mean: [0.8, 1, 1.2], order: 'bgr' },
    layers,
    style: blocks.map((_, b) => `conv${b + 1}_1`),
    content: `conv${blocks.length}_${blocks.at(-1)!.length}`,
    ...change,
  };
}
