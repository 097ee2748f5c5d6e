import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { encode } from '../testing/png.js';
import { contentOf, contents, pictureCredits, picturesHash, sheetPath, styles } from './pictures.js';

const before = { ...process.env };
const folder = mkdtempSync(join(tmpdir(), 'l2l-pictures-'));
afterAll(() => {
  process.env = before;
  rmSync(folder, { recursive: true });
});
beforeEach(() => void (process.env = { ...before }));

const { sources, sheets } = pictureCredits();
const pool = 'contents-train-64';
const square = (side: number, value: number) =>
  encode({
    width: side,
    height: side,
    channels: 3,
    depth: 8,
    data: new Uint8Array(3 * side * side).fill(value),
  });

describe('the credits', () => {
  test('name title, author, page, licence and checksum of every source, and the licence is a free one', () => {
    for (const source of Object.values(sources)) {
      expect(source.title && source.author && source.file).toBeTruthy();
      expect(source.page).toMatch(/^https:\/\//);
      expect(source.licence).toMatch(/^(CC0 1\.0|public domain)\b/);
      expect(source.sha256).toMatch(/^[0-9a-f]{64}$/);
      if (/NASA/.test(source.author)) expect(source.author).toBe('NASA');
      expect(source.file).not.toContain('nmk'); // their licences are not known
    }
    expect(new Set(Object.values(sources).map(({ sha256 }) => sha256)).size).toBe(
      Object.keys(sources).length,
    );
  });

  test('give each source to one split, or to the styles', () => {
    for (const [name, { crops }] of Object.entries(sheets)) {
      const use = name === 'styles-128' ? 'style' : name.split('-')[1];
      for (const [source] of crops) expect(sources[source]?.use, `${name}: ${source}`).toBe(use);
    }
    const used = new Set(Object.values(sheets).flatMap(({ crops }) => crops.map(([source]) => source)));
    expect([...used].sort()).toEqual(Object.keys(sources).sort());
  });

  test('list as many pictures as the experiment needs, no square twice', () => {
    const counts = Object.fromEntries(
      Object.entries(sheets).map(([name, { crops }]) => [name, crops.length]),
    );
    expect(counts).toMatchObject({
      ...{ 'contents-test-64': 50, 'contents-validation-64': 24 },
      ...{ 'contents-test-128': 8, 'contents-validation-128': 8, 'styles-128': 4 },
    });
    expect(counts[pool]).toBeGreaterThanOrEqual(200);
    const from = (name: string) => new Set(sheets[name]!.crops.map(([source]) => source));
    expect(from('contents-test-64').size).toBeGreaterThanOrEqual(25);
    for (const { size, crops } of Object.values(sheets)) {
      expect(new Set(crops.map(String)).size).toBe(crops.length);
      for (const [, , , side] of crops) expect(side).toBeGreaterThanOrEqual(size);
    }
  });
});

/** Standard deviation over all numbers, and mean distance of a pixel's channels. */
function measured(rgb: Uint8Array) {
  const mean = rgb.reduce((sum, x) => sum + x, 0) / rgb.length;
  const spread = Math.sqrt(rgb.reduce((sum, x) => sum + (x - mean) ** 2, 0) / rgb.length);
  let colour = 0;
  for (let i = 0; i < rgb.length; i += 3) {
    const [r, g, b] = [rgb[i]!, rgb[i + 1]!, rgb[i + 2]!];
    colour += (3 * (Math.max(r, g, b) - Math.min(r, g, b))) / rgb.length;
  }
  return { spread, colour };
}

describe('the pictures', () => {
  test('of test and validation and the styles are there, in their sizes, neither grey nor plain, no two the same', () => {
    const all = [64, 128].flatMap((size) => (['validation', 'test'] as const).flatMap((split) => contents(split, size as 64 | 128))); // prettier-ignore
    const every = [...all, ...styles()];
    expect(every.length).toBe(50 + 24 + 8 + 8 + 4);
    for (const { id, title, width, height, rgb } of every) {
      expect([width, height]).toEqual(/-128-/.test(id) ? [128, 128] : [64, 64]);
      expect(rgb.length).toBe(3 * width * height);
      expect(title.length).toBeGreaterThan(2);
      const { spread, colour } = measured(rgb);
      expect(spread, id).toBeGreaterThan(15);
      expect(colour, id).toBeGreaterThan(5);
    }
    expect(new Set(every.map(({ id }) => id)).size).toBe(every.length);
    expect(new Set(every.map(({ rgb }) => createHash('sha256').update(rgb).digest('hex'))).size).toBe(every.length); // prettier-ignore
  });

  test('are cut out of their sheet at their place', () => {
    const [, , third] = styles();
    const top = contents('test')[11]!; // in the second row
    expect(third!.title).toBe(sources[sheets['styles-128']!.crops[2]![0]]!.title);
    expect(top.title).toBe(sources[sheets['contents-test-64']!.crops[11]![0]]!.title);
    const seams = contents('test').map(({ rgb }) => rgb.subarray(0, 3).join());
    expect(new Set(seams).size).toBeGreaterThan(45); // first pixels differ: no picture is another's place
  });

  test('of a seed come again after the last', () => {
    const all = contents('test');
    expect(contentOf(3, 'test', 64)).toBe(all[3]);
    expect(contentOf(50 * 7 + 3, 'test', 64)).toBe(all[3]);
    expect(contentOf(-1, 'test', 64)).toBe(all[49]);
    expect(contentOf(5, 'validation', 128).width).toBe(128);
  });

  test('for meta-training that are not there, or not in this size, are one line with the command', () => {
    delete process.env.L2L_DATA_DIR;
    process.env.L2L_CACHE_DIR = join(folder, 'empty');
    const path = join(folder, 'empty', 'pictures', 'contents-train-64.png');
    expect(() => contents('train')).toThrow(`no file ${path}: run npm run pictures`);
    expect(() => contents('train', 128)).toThrow(
      /^no pictures 'contents-train-128'; there are: .*contents-test-128/,
    );
    process.env.L2L_CACHE_DIR = join(folder, 'other');
    mkdirSync(join(folder, 'other', 'pictures'), { recursive: true });
    writeFileSync(sheetPath(pool), square(64, 3));
    expect(() => contents('train')).toThrow(/contents-train-64\.png: expected pixels with sha256 [0-9a-f]{64}, got [0-9a-f]{64}: run npm run pictures$/); // prettier-ignore
  });

  test('for meta-training are those of the credits', (ctx) => {
    delete process.env.L2L_DATA_DIR;
    if (!existsSync(sheetPath(pool))) ctx.skip('needs the pictures for meta-training: npm run pictures');
    const all = contents('train');
    expect(all.length).toBe(sheets[pool]!.crops.length);
    for (const { id, rgb } of all) {
      const { spread, colour } = measured(rgb);
      expect(spread, id).toBeGreaterThan(15);
      expect(colour, id).toBeGreaterThan(10);
    }
  });

  test('are the same for whoever asks, and never another split’s', () => {
    expect(contents('test')).toBe(contents('test'));
    const ids = new Set(contents('validation').map(({ id }) => id));
    expect(contents('test').some(({ id }) => ids.has(id))).toBe(false);
  });
});

describe('a user’s folder of pictures', () => {
  const own = join(folder, 'own');
  const use = () => void (process.env.L2L_DATA_DIR = own);
  const hash = picturesHash();
  mkdirSync(join(own, 'pictures'), { recursive: true });

  test('without a PNG is one line', () => {
    use();
    expect(() => contents('train')).toThrow(`no PNG file in ${join(own, 'pictures')}: put pictures there`);
  });

  test('is for meta-training alone, in the order of the names, and its hash is another', () => {
    use();
    const test64 = contents('test');
    writeFileSync(join(own, 'pictures', 'b.PNG'), square(70, 9));
    writeFileSync(join(own, 'pictures', 'a.png'), square(64, 4));
    writeFileSync(join(own, 'pictures', 'notes.txt'), 'x');
    expect(contents('train').map(({ id, width, rgb }) => [id, width, rgb[0]])).toEqual([['a.png', 64, 4], ['b.PNG', 64, 9]]); // prettier-ignore
    expect(contents('test')).toBe(test64);
    const with2 = picturesHash();
    expect(with2).not.toBe(hash);
    process.env = { ...before, L2L_DATA_DIR: join(folder, 'nothing') };
    expect(picturesHash()).toBe(hash);
  });

  test('with a broken or a small picture is one line with its name', () => {
    const other = join(folder, 'broken', 'pictures');
    mkdirSync(other, { recursive: true });
    process.env.L2L_DATA_DIR = join(folder, 'broken');
    writeFileSync(join(other, 'c.png'), readFileSync(sheetPath('styles-128')).subarray(0, 5000));
    expect(() => contents('train')).toThrow(
      `${join(other, 'c.png')}: expected a PNG picture, got something else`,
    );
    writeFileSync(join(other, 'c.png'), square(63, 1));
    expect(() => contents('train')).toThrow(`${join(other, 'c.png')}: expected 64 × 64 pixels or more, got 63 × 63`); // prettier-ignore
  });
});
