import { expect, test } from 'vitest';
import { fromHalf, toHalf } from './float16.js';

test('every finite float16 comes back from its number', () => {
  const all = Array.from({ length: 65536 }, (_, half) => half).filter((half) => (half >> 10) % 32 !== 31);
  expect(all.filter((half) => toHalf(fromHalf(half)) !== half)).toEqual([]);
});

test.each([
  [0, 0x0000],
  [-0, 0x8000],
  [1, 0x3c00],
  [-2, 0xc000],
  [1 / 3, 0x3555],
  [65504, 0x7bff],
  [65519, 0x7bff],
  [65520, 0x7c00],
  [-Infinity, 0xfc00],
  [2 ** -14, 0x0400],
  [2 ** -24, 0x0001],
  [2 ** -25, 0x0000], // between 0 and the smallest number: the even one
  [1.5 * 2 ** -24, 0x0002],
  [1 + 2 ** -11, 0x3c00],
  [1 + 3 * 2 ** -11, 0x3c02],
])('%d is %i in bits', (x, half) => {
  expect(toHalf(x)).toBe(half);
});

test('a number between two goes to the nearer one, and NaN stays NaN', () => {
  for (const x of [0.1, 3.14159, -777.7, 6e-6]) {
    const [half, near] = [toHalf(x), Math.abs(fromHalf(toHalf(x)) - x)];
    for (const other of [half - 1, half + 1]) expect(near).toBeLessThan(Math.abs(fromHalf(other) - x));
  }
  expect(fromHalf(toHalf(NaN))).toBeNaN();
});
