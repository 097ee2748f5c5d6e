import { crc32, inflateSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { random } from '../random.js';
import { animation } from './animation.js';
import { numbers } from './canvas.js';
import { pictureGrid, picturePng } from './pictures.js';

const fast = process.env.L2L_FAST;
beforeEach(() => void delete process.env.L2L_FAST);
afterEach(() => void (fast && (process.env.L2L_FAST = fast)));

/** Width, height and pixels of an RGB PNG without interlacing (PNG 1.2, §6: the five filters). */
function decoded(file: Uint8Array) {
  const bytes = Buffer.from(file);
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  const data: Buffer[] = [];
  for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at))
    if (bytes.toString('latin1', at + 4, at + 8) === 'IDAT')
      data.push(bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at)));
  const raw = inflateSync(Buffer.concat(data));
  const rgb = new Uint8Array(width * height * 3);
  const at = (x: number, y: number) => (x < 0 || y < 0 ? 0 : rgb[y * width * 3 + x]!);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width * 3; x++) {
      const [a, b, c] = [at(x - 3, y), at(x, y - 1), at(x - 3, y - 1)];
      const p = a + b - c;
      const nearest = [a, b, c].reduce((best, v) => (Math.abs(p - v) < Math.abs(p - best) ? v : best), a);
      const guess = [0, a, b, (a + b) >> 1, nearest][raw[y * (width * 3 + 1)]!]!;
      rgb[y * width * 3 + x] = raw[y * (width * 3 + 1) + 1 + x]! + guess;
    }
  const pixel = (x: number, y: number) => Array.from(rgb.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)); // prettier-ignore
  return { width, height, pixel };
}

const four = { width: 2, height: 2, rgb: Uint8Array.from([255, 0, 0, 0, 255, 0, 0, 0, 255, 200, 100, 50]) };
const noise = (side: number, k = 0) => ({ width: side, height: side, rgb: Uint8Array.from(random('pixels', k).integers(side * side * 3, 0, 256)) }); // prettier-ignore

test('every pixel becomes a square of its own colour, where its cell is', () => {
  const { png } = pictureGrid([[undefined, { picture: four }], [{ picture: four }]], { cell: 20 });
  const { width, height, pixel } = decoded(png);
  expect([width, height]).toEqual([8 + 2 * 28, 8 + 2 * 28]);
  for (const [left, top] of [[36, 8], [8, 36]] as const) // prettier-ignore
    for (const inside of [0, 4, 9]) {
      expect(pixel(left + inside, top + inside)).toEqual([255, 0, 0]);
      expect(pixel(left + 10 + inside, top + inside)).toEqual([0, 255, 0]);
      expect(pixel(left + inside, top + 10 + inside)).toEqual([0, 0, 255]);
      expect(pixel(left + 10 + inside, top + 10 + inside)).toEqual([200, 100, 50]);
    }
  expect(pixel(12, 12)).toEqual([255, 255, 255]);
});

test('a picture that is not square keeps its proportions', () => {
  const wide = { width: 2, height: 1, rgb: Uint8Array.from([9, 9, 9, 9, 9, 9]) };
  const { pixel } = decoded(pictureGrid([[{ picture: wide }]], { cell: 20 }).png);
  expect([pixel(18, 10), pixel(18, 18), pixel(18, 26)]).toEqual([[255, 255, 255], [9, 9, 9], [255, 255, 255]]); // prettier-ignore
});

test('title, columns and captions are there to read, also for those who do not see', () => {
  const grid = pictureGrid([[{ picture: four, caption: 'f = 1 < 2' }]], { title: 'T', columns: ['LSTM'] });
  expect(grid).toMatchObject({ title: 'T', alt: 'T; LSTM; f = 1 < 2' });
  const plain = pictureGrid([[{ picture: four }]]);
  expect(decoded(grid.png).height).toBe(decoded(plain.png).height + 30 + 22 + 22);
  process.env.L2L_FAST = '1';
  expect(pictureGrid([], { title: 'T' }).title).toBe('T (short run)');
});

test('many pictures are rounded to fit, too many are refused', () => {
  const wall = (n: number) =>
    pictureGrid([Array.from({ length: n }, (_, k) => ({ picture: noise(128, k) }))]);
  const { png } = wall(5); // 5 × 48 kB of noise
  expect(png.length).toBeLessThanOrEqual(210_000);
  const { pixel } = decoded(png);
  expect(Math.abs(pixel(8, 8)[0]! - noise(128).rgb[0]!)).toBeLessThanOrEqual(4);
  expect(() => wall(9)).toThrow('the pictures take more than 210 kB: show fewer or smaller ones'); // prettier-ignore
});

test('a PNG of a picture has its colours, to as many bits as asked for', () => {
  const rgb = Uint8Array.from([0, 3, 129, 255, 127, 64]);
  const colours = (bits?: number) => {
    const { pixel } = decoded(picturePng({ width: 2, height: 1, rgb }, bits));
    return [...pixel(0, 0), ...pixel(1, 0)];
  };
  expect(colours()).toEqual(Array.from(rgb));
  expect(colours(1)).toEqual([0, 0, 255, 255, 0, 0]);
});

/** The pieces of a PNG file, each checked. */
function pieces(file: Uint8Array): { name: string; data: Buffer }[] {
  const bytes = Buffer.from(file);
  const all: { name: string; data: Buffer }[] = [];
  for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    const end = at + 8 + bytes.readUInt32BE(at);
    expect(bytes.readUInt32BE(end)).toBe(crc32(bytes.subarray(at + 4, end)));
    all.push({ name: bytes.toString('latin1', at + 4, at + 8), data: bytes.subarray(at + 8, end) });
  }
  return all;
}

test('an animation has every frame as it was, in order, and the last stays longest', () => {
  const frames = [1, 2, 3].map((k) => [[{ picture: noise(8, k), caption: `step ${k}` }]]);
  const options = { title: 'T', columns: ['C'], cell: 16 };
  const { png, title, alt } = animation(frames, { ...options, seconds: 0.25 });
  expect([title, alt]).toEqual(['T', 'T; C; step 1; step 2; step 3']);
  const all = pieces(png);
  const order = ['IHDR', 'acTL', 'fcTL', 'IDAT', 'fcTL', 'fdAT', 'fcTL', 'fdAT', 'IEND'];
  expect(all.map(({ name }) => name)).toEqual(order);
  expect(all[1]!.data).toEqual(numbers(3, 0));
  const numbered = all.filter(({ name }) => name === 'fcTL' || name === 'fdAT');
  expect(numbered.map(({ data }) => data.readUInt32BE(0))).toEqual([0, 1, 2, 3, 4]);
  const controls = all.filter(({ name }) => name === 'fcTL').map(({ data }) => data);
  expect(controls.map((data) => data.readUInt16BE(20) / data.readUInt16BE(22))).toEqual([0.25, 0.25, 1]);
  const drawn = all.flatMap(({ name, data }) => (name === 'IDAT' ? [data] : name === 'fdAT' ? [data.subarray(4)] : [])); // prettier-ignore
  const own = frames.map(
    (rows) => pieces(pictureGrid(rows, options).png).find(({ name }) => name === 'IDAT')!.data,
  );
  expect(drawn).toEqual(own);
});

test('an animation of nothing, or of frames that differ, is refused', () => {
  const one = [{ picture: four }];
  expect(() => animation([])).toThrow('expected at least one frame, got none');
  expect(() => animation([[one], [one], [one, one]], { cell: 8 })).toThrow('frame 2 is not like the first: expected 24 × 24 pixels of kind 2, got 24 × 40 pixels of kind 2'); // prettier-ignore
  expect(() => animation([[one], [one]], { bytes: 100 })).toThrow('the pictures take more than 0.1 kB: show fewer or smaller ones'); // prettier-ignore
});
