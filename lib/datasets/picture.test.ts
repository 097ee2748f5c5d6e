import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { encode } from '../testing/png.js';
import { areaAverage } from './areaAverage.js';
import { readPicture, readSquare, toImage } from './picture.js';

const folder = mkdtempSync(join(tmpdir(), 'l2l-picture-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Red is x, green y, blue x · y. */
const ramp = (width: number, height: number) => ({
  width,
  height,
  rgb: Uint8Array.from({ length: 3 * width * height }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    return [x, y, x * y][i % 3]! % 256;
  }),
});
const whole = ({ width, height }: { width: number; height: number }) => ({ left: 0, top: 0, width, height });
const file = (name: string, png: Parameters<typeof encode>[0] | Uint8Array | string) => {
  const path = join(folder, name);
  writeFileSync(path, typeof png === 'string' || png instanceof Uint8Array ? png : encode(png));
  return path;
};

describe('area averages', () => {
  test('in the same size are the part itself', () => {
    const part = areaAverage(ramp(9, 7), { left: 2, top: 3, width: 4, height: 2 }, 4, 2);
    expect(part).toMatchObject({ width: 4, height: 2 });
    expect(Array.from(part.rgb)).toEqual([3, 4].flatMap((y) => [2, 3, 4, 5].flatMap((x) => [x, y, x * y])));
  });

  test('are the means of the pixels covered, of those at the border in part', () => {
    const row = {
      width: 5,
      height: 1,
      rgb: Uint8Array.from([10, 20, 60, 100, 200].flatMap((x) => [x, 0, 255])),
    };
    // Each of 2 covers 2.5 of 5: (10 + 20 + 60 / 2) / 2.5 and (60 / 2 + 100 + 200) / 2.5.
    expect(Array.from(areaAverage(row, whole(row), 2, 1).rgb)).toEqual([24, 0, 255, 132, 0, 255]);
  });

  test('keep the mean and a plain colour, whatever the sizes', () => {
    const plain = { width: 37, height: 23, rgb: new Uint8Array(3 * 37 * 23).fill(201) };
    for (const [width, height] of [
      [37, 23],
      [36, 1],
      [17, 22],
      [1, 1],
      [5, 7],
    ] as const) {
      // prettier-ignore
      expect(new Set(areaAverage(plain, whole(plain), width, height).rgb)).toEqual(new Set([201]));
      const small = areaAverage(ramp(37, 23), whole(plain), width, height).rgb;
      const mean = small.filter((_, i) => i % 3 === 0).reduce((sum, x) => sum + x, 0) / (width * height);
      expect(Math.abs(mean - 18)).toBeLessThan(0.51);
    }
  });

  test('outside of the picture or larger than it are refused', () => {
    const picture = ramp(9, 7);
    expect(() => areaAverage(picture, { left: 6, top: 0, width: 4, height: 4 }, 2, 2)).toThrow('a picture of 9 × 7 has no part of 4 × 4 at 6, 0'); // prettier-ignore
    expect(() => areaAverage(picture, whole(picture), 10, 7)).toThrow('a part of 9 × 7 cannot become 10 × 7: it is never enlarged'); // prettier-ignore
  });
});

describe('a PNG file of your own', () => {
  const { rgb } = ramp(20, 10);
  const colour = file('colour.png', { width: 20, height: 10, channels: 3, depth: 8, data: rgb });

  test('becomes small, its sides in proportion, and is never enlarged', () => {
    const small = readPicture(colour, 8);
    expect(small).toMatchObject({ id: 'colour.png', title: 'colour', width: 8, height: 4 });
    expect(readPicture(colour, 100)).toMatchObject({ width: 20, height: 10, rgb });
    const square = readSquare(colour, 5);
    expect(square).toMatchObject({ width: 5, height: 5 });
    expect(square.rgb[0]).toBe(6); // red of x = 5 and 6, the middle begins at 5
  });

  test('as the optimizee takes it has rows, columns and RGB from 0 to 1', async () => {
    const image = toImage(readPicture(colour, 20));
    expect(image.shape).toEqual([10, 20, 3]);
    const at = (await image.array())[3]![7]!;
    [7, 3, 21].forEach((x, i) => expect(at[i]).toBeCloseTo(x / 255, 6));
    image.dispose();
  });

  test('may be grey, transparent, of 16 bits or have a palette', () => {
    const read = (name: string, png: Parameters<typeof encode>[0]) => Array.from(readPicture(file(name, png), 9).rgb); // prettier-ignore
    const two = { width: 2, height: 1 };
    expect(read('grey.png', { ...two, channels: 1, depth: 8, data: Uint8Array.of(9, 200) })).toEqual([9, 9, 9, 200, 200, 200]); // prettier-ignore
    expect(read('alpha.png', { ...two, channels: 4, depth: 8, data: Uint8Array.of(1, 2, 3, 255, 90, 0, 30, 51) })).toEqual([1, 2, 3, 222, 204, 210]); // prettier-ignore
    expect(read('deep.png', { ...two, channels: 3, depth: 16, data: Uint16Array.of(0, 257, 514, 65535, 25700, 128) })).toEqual([0, 1, 2, 255, 100, 0]); // prettier-ignore
    expect(read('palette.png', { ...two, channels: 1, depth: 8, data: Uint8Array.of(1, 0), palette: [[1, 2, 3], [4, 5, 6]] })).toEqual([4, 5, 6, 1, 2, 3]); // prettier-ignore
  });

  test('that is none, is cut off, damaged or too small is one line with its name', () => {
    const whole = encode({ width: 20, height: 10, channels: 3, depth: 8, data: rgb });
    const damaged = whole.slice();
    damaged[60]! ^= 1;
    for (const [name, bytes] of [
      ['text.png', 'no picture'],
      ['empty.png', ''],
      ['cut.png', whole.subarray(0, 90)],
      ['damaged.png', damaged],
    ] as const) {
      // prettier-ignore
      const path = file(name, bytes);
      const error = (() => {
        try {
          readPicture(path, 9);
          return '';
        } catch (error) {
          return (error as Error).message;
        }
      })();
      expect(error, name).toContain(`${path}: expected a PNG picture, got something else: `);
      expect(error).not.toContain('\n');
    }
    expect(() => readPicture(join(folder, 'none.png'), 9)).toThrow(`no file ${join(folder, 'none.png')}`);
    expect(() => readSquare(colour, 11)).toThrow(`${colour}: expected 11 × 11 pixels or more, got 20 × 10`);
  });
});
