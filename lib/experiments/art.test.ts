import * as tf from '@tensorflow/tfjs';
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { toImage } from '../datasets/picture.js';
import { styles } from '../datasets/pictures.js';
import { smallVggPath } from '../features/smallVgg.js';
import { style } from '../optimizees/style.js';
import { get, size } from '../params.js';
import { randomFeatures } from '../testing/randomFeatures.js';
import type { StyleSpec } from '../types.js';
import { start, unroll } from '../unroll.js';
import { art, artFamily, artNetwork, artNewSettings, artSettings } from './art.js';

const network = randomFeatures(2);
const numbers = (x: tf.Tensor) => Array.from(x.dataSync());

describe('a function of neural art', () => {
  test('has 12,288 coordinates in training, 49,152 on the new style, and begins with the content picture', () => {
    const f = artFamily(artSettings, network)(3, 'validation');
    expect(size(f.theta0)).toBe(64 * 64 * 3);
    expect(size(artFamily(artNewSettings, network)(3, 'validation').theta0)).toBe(128 * 128 * 3);
    const painting = toImage(styles()[0]!);
    const contents = () => get<tf.Tensor3D>(f.theta0, 'image');
    const { alpha, beta, gamma } = artSettings;
    const same = style({ network, contents, style: painting, alpha, beta, gamma })(0);
    expect(f.loss(f.theta0, 0).dataSync()[0]).toBeCloseTo(same.loss(f.theta0, 0).dataSync()[0]!, 6);
  });

  test('has one style, and a content picture of its seed and split', () => {
    const family = artFamily(artSettings, network);
    const spec = (seed: number, split: 'validation' | 'train') => family(seed, split).loss.spec as StyleSpec;
    expect(spec(1, 'validation').style[0]!.values).toEqual(spec(2, 'validation').style[0]!.values);
    expect(spec(1, 'validation').content.values).not.toEqual(spec(2, 'validation').content.values);
    const other = artFamily({ ...artSettings, style: 1 }, network)(1, 'validation').loss.spec as StyleSpec;
    expect(other.style[0]!.values).not.toEqual(spec(1, 'validation').style[0]!.values);
    const [a, b] = [family(1, 'validation'), family(1, 'validation')];
    expect(numbers(get(a.theta0, 'image'))).toEqual(numbers(get(b.theta0, 'image')));
  });

  test('a style that is not there is refused, listing those that are', () => {
    expect(() => artFamily({ ...artSettings, style: 9 }, network)).toThrow(/^no style 9; there are: 0 \(/);
  });
});

test('the LSTM takes steps on it', () => {
  const f = artFamily(artSettings, network)(0, 'validation');
  const m = art.learned.at(art.learned.init(1));
  const { losses } = unroll(m, f, start(m, f), 2);
  expect(losses.every((loss) => Number.isFinite(loss.dataSync()[0]))).toBe(true);
});

test('without the small VGG it is said how to make it, and the experiment is there even so', (ctx) => {
  expect(art.dataHash()).toMatch(/^[0-9a-f]{64}$/);
  if (existsSync(smallVggPath())) ctx.skip('the small VGG is there');
  expect(() => art.family()).toThrow(/^no small VGG at .*: run npm run features$/);
});

test('with it the network survives a tidy and has the layers of the settings', (ctx) => {
  if (!existsSync(smallVggPath())) ctx.skip('needs the small VGG: npm run features');
  const network = tf.tidy(() => artNetwork() as never) as ReturnType<typeof artNetwork>;
  expect(network).toMatchObject(artSettings.layers);
  const [first] = network.layers;
  expect('kernel' in first! && first.kernel.isDisposed).toBe(false);
  expect(artNetwork().layers[0]).toBe(first);
});
