import { expect, test } from 'vitest';
import { smallPictures } from '../testing/smallPictures.js';
import { augmented, stepsPerEpoch } from './augment.js';

const data = smallPictures(43);
const size = 8 * 8 * 3;
/** Which picture each one of a minibatch is, by what a shift and a mirror leave: nothing where there is neither. */
const rowsOf = (pixels: Uint8Array) =>
  Array.from({ length: pixels.length / size }, (_, i) => {
    const seen = pixels.subarray(i * size, (i + 1) * size);
    const same = (row: number, mirrored: boolean) =>
      seen.every((value, at) => {
        const [y, x, c] = [Math.floor(at / 24), Math.floor(at / 3) % 8, at % 3];
        return value === data.images[row * size + (y * 8 + (mirrored ? 7 - x : x)) * 3 + c];
      });
    return Array.from({ length: 43 }, (_, row) => row).find((row) => same(row, false) || same(row, true));
  });

test('a minibatch is a function of split, seed and t, whoever asked before', () => {
  const draw = augmented(2);
  const first = draw(data, 10, 'train', 1, 6);
  draw(data, 10, 'train', 1, 99);
  draw(data, 10, 'validation', 1, 6);
  expect(draw(data, 10, 'train', 1, 6)).toEqual(first);
  expect(augmented(2)(data, 10, 'train', 1, 6)).toEqual(first);
  for (const [seed, t] of [[2, 6], [1, 7]] as const) // prettier-ignore
    expect(draw(data, 10, 'train', seed, t).pixels).not.toEqual(first.pixels);
});

test('the pictures of the data stay as they are', () => {
  const before = data.images.slice();
  for (let t = 0; t < 9; t++) augmented(4)(data, 10, 'train', 3, t);
  expect(data.images).toEqual(before);
});

test('an epoch shows a picture once at most, some of them mirrored, with their labels, each epoch in another order', () => {
  const draw = augmented(0);
  const epoch = (e: number) =>
    [0, 1, 2, 3].flatMap((t) => {
      const { pixels, labels } = draw(data, 10, 'train', 1, 4 * e + t);
      const rows = rowsOf(pixels);
      expect(Array.from(labels)).toEqual(rows.map((row) => data.labels[row!]));
      return rows;
    });
  expect(stepsPerEpoch(data, 'train', 10)).toBe(4);
  expect(new Set(epoch(0)).size).toBe(40);
  expect(new Set(epoch(1)).size).toBe(40);
  expect(epoch(0)).not.toEqual(epoch(1));
});

test('a shift brings in the mirror image at the edge', () => {
  const line = {
    ...data,
    shape: [2, 4, 1],
    images: Uint8Array.of(10, 20, 30, 40, 10, 20, 30, 40),
    labels: Uint8Array.of(0),
  };
  const one = { ...line, splits: { ...data.splits, train: [0, 1] as const } };
  const seen = Array.from({ length: 200 }, (_, t) =>
    augmented(1)(one, 1, 'train', 1, t).pixels.slice(4).join(),
  );
  const shifted = ['10,20,30,40', '20,10,20,30', '20,30,40,30'];
  const mirrored = ['40,30,20,10', '30,40,30,20', '30,20,10,20'];
  expect(new Set(seen)).toEqual(new Set([...shifted, ...mirrored]));
});

test('too few pictures for a minibatch are refused', () => {
  expect(() => augmented(1)(data, 50, 'train', 1, 0)).toThrow(
    'small pictures: expected 50 pictures or more for train, a minibatch, got 43',
  );
});
