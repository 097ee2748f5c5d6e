import * as tf from '@tensorflow/tfjs';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { features } from './network.js';
import { vgg19 } from './vgg19.js';
import { convolutions, rawVgg19, readVgg19 } from './vgg19File.js';

const given = process.env.L2L_VGG19;
const before = { ...process.env };
afterEach(() => void (process.env = { ...before }));

const folder = mkdtempSync(join(tmpdir(), 'l2l-vgg19-'));
afterAll(() => rmSync(folder, { recursive: true }));
const made = (name: string) => join(__dirname, '..', 'testing', 'vgg19', name);
const written = (name: string, bytes: Uint8Array) => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};
/** The first n convolutions in the raw layout, small numbers. */
const raw = (n: number) => {
  const count = convolutions.slice(0, n).reduce((sum, c) => sum + (9 * c.inputs + 1) * c.outputs, 0);
  return Buffer.from(Float32Array.from({ length: count }, (_, i) => 0.05 * Math.sin(i)).buffer);
};
const sines = (n: number) => Float32Array.from({ length: n }, (_, i) => Math.sin(i));

describe('the weights are read', () => {
  test.each(['notop.h5', 'model.h5'])('from %s, by the names that the file gives', (name) => {
    const [first, ...others] = readVgg19(made(name));
    expect(others).toEqual([]);
    expect(first).toMatchObject({ name: 'conv1_1', inputs: 3, outputs: 64 });
    expect(first!.kernel).toEqual(sines(1728));
    expect(first!.bias).toEqual(sines(64));
  });

  test('from the raw layout, whose length tells how many convolutions there are', () => {
    const bytes = raw(3);
    const found = readVgg19(written('three.bin', bytes));
    expect(found.map(({ name, bias }) => [name, bias.length])).toEqual([['conv1_1', 64], ['conv1_2', 64], ['conv2_1', 128]]); // prettier-ignore
    expect(rawVgg19(found).equals(bytes)).toBe(true);
  });

  test('or refused in one line', () => {
    const notop = readFileSync(made('notop.h5'));
    const infinite = raw(1);
    infinite.writeFloatLE(Infinity, 4 * 1730);
    const cases: [string, string | RegExp][] = [
      [join(folder, 'nowhere.h5'), /^no file .*nowhere\.h5$/],
      [written('cut.bin', raw(2).subarray(4)), /cut\.bin: expected Keras's \.h5 of VGG-19, or the float32 numbers of its first 1 … 16 convolutions \(7168 … 80097536 bytes\); got \d+ bytes/], // prettier-ignore
      [written('cut.h5', notop.subarray(0, 9000)), /cut\.h5: not a whole HDF5 file of Keras \(.+\)$/],
      [written('head.h5', notop.subarray(0, 300)), /head\.h5: not a whole HDF5 file of Keras \(.+\)$/],
      [made('other.h5'), /other\.h5: conv1_1 has a kernel \[5,5,3,8\] and a bias \[8\], expected \[3,3,3,64\] and \[64\]: another network$/], // prettier-ignore
      [written('infinite.bin', infinite), /infinite\.bin: conv1_1 holds values that are not finite numbers$/],
    ];
    for (const [path, line] of cases) expect(() => readVgg19(path), path).toThrow(line);
  });
});

describe('VGG-19', () => {
  test('that ends with block 3 takes style and content from there, and its name says that it is cut', () => {
    process.env.L2L_VGG19 = written('blocks.bin', raw(8));
    const network = vgg19();
    expect(network.name).toBe('VGG-19 cut behind conv3_2');
    expect(network.style).toEqual(['conv1_1', 'conv2_1', 'conv3_1']);
    expect(network.content).toBe('conv3_2');
    expect(network.layers.map(({ name }) => name)).toEqual(['conv1_1', 'conv1_2', 'pool1', 'conv2_1', 'conv2_2', 'pool2', 'conv3_1', 'conv3_2']); // prettier-ignore
    expect(vgg19()).toBe(network);
    const asked = vgg19({ style: ['conv2_2'], content: 'conv1_1' });
    expect([asked.name, asked.layers.length]).toEqual(['VGG-19 cut behind conv2_2', 5]);
    const [here, there] = [features(network, tf.fill([9, 8, 3], 0.5), ['conv3_2']), features(asked, tf.fill([9, 8, 3], 0.5), ['conv2_2'])]; // prettier-ignore
    expect([here.conv3_2!.shape, there.conv2_2!.shape]).toEqual([[2, 2, 256], [4, 4, 128]]); // prettier-ignore
  });

  test('that is whole takes them where Gatys et al. do, and is cut behind conv5_1', () => {
    process.env.L2L_VGG19 = written('whole.bin', Buffer.alloc(80_097_536));
    const { name, style, content, layers } = vgg19();
    expect([name, content, style.at(-1), layers.length]).toEqual(['VGG-19', 'conv4_2', 'conv5_1', 17]);
    for (const layer of layers) if ('kernel' in layer) layer.kernel.dispose();
  });

  test('has the input of its authors: BGR, 0 … 255, minus the mean colour', () => {
    process.env.L2L_VGG19 = written('one.bin', raw(1));
    const network = vgg19({ style: ['conv1_1'], content: 'conv1_1' });
    const colour = [0.1, 0.5, 0.7];
    const { kernel, bias } = network.layers[0] as { kernel: tf.Tensor4D; bias: tf.Tensor1D };
    const bgr = [255 * 0.7 - 103.939, 255 * 0.5 - 116.779, 255 * 0.1 - 123.68];
    const sum = kernel.sum<tf.Tensor2D>([0, 1]);
    const expected = tf.tensor2d([bgr]).matMul(sum).add(bias).relu();
    const { conv1_1 } = features(network, tf.tensor3d(Array(9).fill(colour).flat(), [3, 3, 3]), ['conv1_1']);
    const gap = conv1_1!.slice([1, 1, 0], [1, 1, 64]).reshape([1, 64]).sub(expected).norm().div(expected.norm()); // prettier-ignore
    expect(gap.dataSync()[0]).toBeLessThan(1e-5);
  });

  test('says what to do where its weights are not there, or end too early', () => {
    delete process.env.L2L_VGG19;
    process.env.L2L_CACHE_DIR = folder;
    delete process.env.L2L_DATA_DIR;
    expect(() => vgg19()).toThrow('no weights of VGG-19: run npm run data -- fetch vgg19, or set L2L_VGG19 to a file of them (see data/README.md)'); // prettier-ignore
    process.env.L2L_VGG19 = written('two.bin', raw(2));
    expect(() => vgg19()).toThrow(/^no conv2_1 of VGG-19: .*two\.bin ends with conv1_2$/);
    expect(() => vgg19({ style: [], content: 'relu1' })).toThrow("VGG-19 has no convolution 'relu1'");
  });

  const { picture, layers } = JSON.parse(readFileSync(join(__dirname, 'vgg19.reference.json'), 'utf8')) as {
    picture: { height: number; width: number };
    layers: { [name: string]: { mean: number; norm: number } };
  };
  test('has the features that PyTorch computes in double precision from the real weights', (ctx) => {
    if (!given || !existsSync(given)) ctx.skip('needs L2L_VGG19, a file with the weights of VGG-19');
    const { height, width } = picture;
    const pixels = Array.from({ length: height * width * 3 }, (_, i) => {
      const [c, x, y] = [i % 3, Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
      return 0.5 + 0.5 * Math.sin(0.31 * (1 + c) * x + 0.17 * (3 - c) * y + c);
    });
    const seen = features(vgg19({ style: Object.keys(layers) }), tf.tensor3d(pixels, [height, width, 3]), Object.keys(layers)); // prettier-ignore
    for (const [name, { mean, norm }] of Object.entries(layers)) {
      expect(Math.abs(seen[name]!.mean().dataSync()[0]! / mean - 1), name).toBeLessThan(1e-5);
      expect(Math.abs(seen[name]!.norm().dataSync()[0]! / norm - 1), name).toBeLessThan(1e-5);
    }
  });
});
