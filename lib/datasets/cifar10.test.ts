import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { cifar10, cifar10Hash, readBatches } from './cifar10.js';
import { dataEntry, dataPlace, hasData, readChecked } from './manifest.js';
import { examples } from './minibatch.js';

const before = { ...process.env };
const folder = mkdtempSync(join(tmpdir(), 'l2l-cifar-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => void (process.env = { ...before }));

/** Six batches of 20 pictures in the official form: labels 0 … 9 twice; picture i of batch b is red b, green i, blue its pixel. */
const batches = Array.from({ length: 6 }, (_, b) => () => {
  const picture = (i: number) => [i % 10, ...Array(1024).fill(b), ...Array(1024).fill(i), ...Array.from({ length: 1024 }, (_, k) => k % 256)]; // prettier-ignore
  return Uint8Array.from(Array.from({ length: 20 }, (_, i) => picture(i)).flat());
});

describe('the official batches', () => {
  const data = readBatches(batches);
  const pixel = (picture: number, k: number) => Array.from(data.images.subarray(3 * (1024 * picture + k)).subarray(0, 3)); // prettier-ignore

  test('become pictures with the channels last', () => {
    expect(data.shape).toEqual([32, 32, 3]);
    expect(data.images.length).toBe(120 * 3072);
    expect(pixel(0, 0)).toEqual([0, 0, 0]);
    expect(pixel(47, 1023)).toEqual([2, 7, 255]);
    expect(Array.from(data.labels.subarray(0, 12))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
  });

  test('one to four are for training, the fifth for validation, the last for test', () => {
    expect(data.splits).toEqual({ train: [0, 80], validation: [80, 100], test: [100, 120] });
    for (const split of ['train', 'validation', 'test'] as const) {
      const { pixels } = examples({ ...data, hash: '' }, 50, split, 1, 0);
      const reds = new Set(Array.from({ length: 50 }, (_, i) => pixels[i * 3072]!));
      const allowed = { train: [0, 1, 2, 3], validation: [4], test: [5] }[split];
      expect([...reds].every((red) => allowed.includes(red))).toBe(true);
    }
  });

  test('with some labels keep their pictures alone, renamed in the order given', () => {
    const some = readBatches(batches, [7, 2]);
    expect(some.classes).toBe(2);
    expect(some.splits).toEqual({ train: [0, 16], validation: [16, 20], test: [20, 24] });
    expect(Array.from(some.labels.subarray(0, 4))).toEqual([1, 0, 1, 0]);
    const greens = Array.from({ length: 4 }, (_, i) => some.images[i * 3072 + 1]);
    expect(greens).toEqual([2, 7, 12, 17]);
  });

  test('cut short or with labels that are none are refused', () => {
    expect(() => readBatches([() => new Uint8Array(3072)])).toThrow('a batch must have 3073 bytes a picture, got 3072 bytes'); // prettier-ignore
    for (const labels of [[], [10], [1, 1], [0.5]])
      expect(() => readBatches(batches, labels)).toThrow(`labels must be some of 0 … 9, each once; got [${labels.join(', ')}]`); // prettier-ignore
  });
});

describe('CIFAR-10', () => {
  test('that is not there is one line with the command', () => {
    delete process.env.L2L_DATA_DIR;
    process.env.L2L_CACHE_DIR = join(folder, 'empty');
    expect(hasData('cifar10')).toBe(false);
    const path = join(folder, 'empty', 'cifar10', 'data_batch_1.bin');
    expect(() => cifar10()).toThrow(`no file ${path}: run npm run data -- fetch cifar10`);
  });

  test('has its hash, with or without the files', () => {
    process.env.L2L_CACHE_DIR = join(folder, 'empty');
    expect(cifar10Hash()).toMatch(/^[0-9a-f]{64}$/);
  });

  test('in a folder of the user’s own wins, and is checked', () => {
    process.env.L2L_DATA_DIR = folder;
    const own = join(folder, 'cifar10');
    expect(dataPlace('cifar10').own).toBe(false);
    mkdirSync(own);
    expect(dataPlace('cifar10')).toMatchObject({ folder: own, own: true });
    writeFileSync(join(own, 'data_batch_1.bin'), batches[0]!());
    const remedy = 'put the right file there, or unset L2L_DATA_DIR';
    expect(() => cifar10()).toThrow(`data_batch_1.bin: expected 30730000 bytes, got 61460: ${remedy}`);
    const [first] = dataEntry('cifar10').files;
    const short = { ...first!, bytes: 61460 };
    expect(() => readChecked(own, short, remedy)).toThrow(/data_batch_1\.bin: expected sha256 cee9.*, got [0-9a-f]{64}: put/); // prettier-ignore
  });

  test('is the real one', (ctx) => {
    if (!hasData('cifar10')) ctx.skip('needs the data: npm run data -- fetch cifar10');
    const { images, labels, splits } = cifar10();
    const [from, to] = [splits.train[0], splits.validation[1]];
    expect(Array.from(labels.subarray(0, 10))).toEqual([6, 9, 9, 4, 1, 1, 2, 7, 8, 3]);
    expect(Array.from(labels.subarray(50_000, 50_010))).toEqual([3, 8, 8, 0, 6, 6, 1, 6, 3, 1]);
    expect(Array.from(images.subarray(0, 3))).toEqual([59, 62, 63]);
    const counts = Array.from({ length: 10 }, (_, k) => labels.subarray(from, to).filter((label) => label === k).length); // prettier-ignore
    expect(counts).toEqual(Array(10).fill(5000));
    const sums = [0, 0, 0];
    for (let i = 0; i < to * 3072; i++) sums[i % 3]! += images[i]!;
    expect(sums.map((sum) => Number((sum / (to * 1024 * 255)).toFixed(5)))).toEqual([0.4914, 0.48216, 0.44653]); // prettier-ignore
    const five = cifar10({ labels: [0, 1, 2, 3, 4] });
    expect(five.splits).toMatchObject({ test: [25_000, 30_000] });
  });
});
