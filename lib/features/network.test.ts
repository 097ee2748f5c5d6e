import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { random } from '../random.js';
import { randomFeatures } from '../testing/randomFeatures.js';
import { features } from './network.js';

const network = randomFeatures(1);
const picture = (height: number, width: number) => random('picture').uniform<tf.Rank.R3>([height, width, 3]);

describe('features', () => {
  test('are those asked for, behind the ReLU, on a halved grid behind each pool', () => {
    const seen = features(network, picture(9, 6), ['conv1_1', 'pool1', 'conv2_1']);
    const shapes = Object.entries(seen).map(([name, x]) => [name, ...x.shape]);
    expect(shapes).toEqual([['conv1_1', 9, 6, 4], ['pool1', 4, 3, 5], ['conv2_1', 4, 3, 6]]); // prettier-ignore
    for (const x of Object.values(seen)) expect(x.min().dataSync()[0]).toBeGreaterThanOrEqual(0);
  });

  test('go no deeper than they have to', () => {
    const names: string[] = [];
    const layers = network.layers.map((layer) => new Proxy(layer, { get: (of, key) => (key === 'kernel' && names.push(of.name), of[key as 'name']) })); // prettier-ignore
    features({ ...network, layers }, picture(8, 8), ['conv1_1']);
    expect(new Set(names)).toEqual(new Set(['conv1_1']));
  });

  test('of a layer that is not there, and of too small a picture, are refused', () => {
    const there = 'there are: conv1_1, conv1_2, pool1, conv2_1';
    expect(() => features(network, picture(8, 8), ['conv5_1'])).toThrow(`random filters has no layer 'conv5_1'; ${there}`); // prettier-ignore
    const expected = 'random filters: expected a picture [height, width, 3] of 2 × 2 or more, got [1,8,3]';
    expect(() => features(network, picture(1, 8), ['conv2_1'])).toThrow(expected);
  });
});
