import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { convnet } from '../optimizees/convnet.js';
import { get, mapParams } from '../params.js';
import { smallPictures } from '../testing/smallPictures.js';
import type { Params } from '../types.js';
import { accuracy, foldedMaps, layerNames, pictures, scores } from './classifier.js';
import { filtersNormalised, folded, meanActivations, moments } from './fold.js';
import { asFeatures } from './smallVgg.js';
import { smallVggSettings } from './settings.js';

const n = 40;
const data = smallPictures(n);
const shape = { filters: [5, 4, 7], pool: [false, true, false] };
const settings = { ...smallVggSettings, ...shape, epsilon: 0.01, statistics: n };
const bytes = { pixels: data.images.slice(0, n * 192), labels: Int32Array.from(data.labels.slice(0, n)) };
const options = { ...shape, kernel: 3, average: true, hidden: [], epsilon: 0.01, stddev: 0.4 };
const f = convnet({ data, ...options, batch: n, draw: () => bytes })(1);
const theta = f.theta0;

const gap = (a: tf.Tensor, b: tf.Tensor) => a.sub(b).abs().max().div(b.abs().max()).dataSync()[0]!;
const fold = async () => folded(settings, theta, await moments(settings, theta, data));

test('layers are called as in VGG', () => {
  expect(layerNames(smallVggSettings)).toEqual([
    ...['conv1_1', 'conv1_2', 'conv2_1', 'conv2_2', 'conv3_1', 'conv3_2'],
  ]);
  expect(layerNames({ pool: [true, false, false, true] })).toEqual(['conv1_1', 'conv2_1', 'conv2_2', 'conv2_3']); // prettier-ignore
});

test('with the statistics of a minibatch folded in, the network has the loss that it had on the minibatch', async () => {
  const params = await fold();
  const found = scores(params, foldedMaps(shape, params, pictures(data, 0, n)).at(-1)!);
  const loss = tf.losses.softmaxCrossEntropy(tf.oneHot(tf.tensor1d(bytes.labels, 'int32'), 3), found);
  expect(loss.dataSync()[0]).toBeCloseTo(f.loss(theta, 0).dataSync()[0]!, 5);
});

test('the statistics are those of all pictures, also where these go through the network in several groups', async () => {
  const many = smallPictures(600);
  const [first] = await moments({ ...settings, statistics: 600 }, theta, many);
  const z = pictures(many, 0, 600).conv2d(get<tf.Tensor4D>(theta, 'conv0/kernel'), 1, 'same').add(get(theta, 'conv0/bias')); // prettier-ignore
  const all = tf.moments(z, [0, 1, 2]);
  expect(gap(first!.mean, all.mean)).toBeLessThan(1e-4);
  expect(gap(first!.variance, all.variance)).toBeLessThan(1e-4);
});

test.each(['max', 'average'] as const)(
  'normalised filters leave the scores as they are, with %s pooling',
  async (pooling) => {
    const params = await fold();
    const other = filtersNormalised(shape, params, await meanActivations(settings, params, data));
    const [a, b] = [params, other].map((p) =>
      scores(p, foldedMaps(shape, p, pictures(data, 50, 70), pooling).at(-1)!),
    );
    expect(gap(b!, a!)).toBeLessThan(1e-5);
    expect(gap(get(other, 'conv1_1/kernel'), get(params, 'conv1_1/kernel'))).toBeGreaterThan(0.1);
  },
);

test('normalised filters have a mean activation of 1; a silent one stays as it is', async () => {
  const before = await fold();
  const dead = tf.tensor1d([-1e3, 0, 0, 0, 0]);
  const params = { ...before, 'conv1_1/bias': get(before, 'conv1_1/bias').add(dead) };
  const other = filtersNormalised(shape, params, await meanActivations(settings, params, data));
  const means = await meanActivations(settings, other, data);
  means.forEach((mean, l) =>
    mean.dataSync().forEach((m, k) => expect(m).toBeCloseTo(l === 0 && k === 0 ? 0 : 1, 4)),
  );
  const filter = (p: Params) => Array.from(get(p, 'conv1_1/kernel').gather([0], 3).dataSync());
  expect(filter(other)).toEqual(filter(params));
});

test('as features the layers are those of the folded network, with average pooling between the blocks', async () => {
  const { layers } = asFeatures(shape, await fold());
  expect(
    layers.map((layer) => [layer.name, 'pool' in layer ? layer.pool : layer.kernel.shape.at(-1)]),
  ).toEqual([
    ['conv1_1', 5],
    ['conv1_2', 4],
    ['pool1', 'average'],
    ['conv2_1', 7],
  ]);
});

test('the accuracy is the share of pictures whose class has the highest score', async () => {
  const params = mapParams(await fold(), (p) => p);
  const found = scores(params, foldedMaps(shape, params, pictures(data, n, n + 30)).at(-1)!)
    .argMax(1)
    .dataSync();
  const right = Array.from(found).filter((k, i) => k === data.labels[n + i]).length;
  expect(await accuracy(shape, params, data, 'validation')).toBe(right / 30);
  const sure = { ...params, 'classes/bias': tf.tensor1d([1e6, 0, 0]) };
  expect(await accuracy(shape, sure, data, 'validation', { most: 7 })).toBeCloseTo(
    Array.from(data.labels.slice(n, n + 7)).filter((k) => k === 0).length / 7,
  );
});
