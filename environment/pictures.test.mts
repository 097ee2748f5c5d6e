import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode } from 'fast-png';
import type { Credits, PictureSource, Pixels } from 'learning-to-learn';
import { create } from 'tar';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { differing } from './pictures.mjs';
import { decoded } from './pictures/decode.mjs';
import { packages, unpacked, type Package } from './pictures/packages.mjs';
import { measured, squares } from './pictures/pool.mjs';
import { creditsText, makeSheets, png, pool } from './pictures/sheets.mjs';
import { root } from './setup.mjs';

const folder = mkdtempSync(join(tmpdir(), 'l2l-sheets-'));
afterAll(() => rmSync(folder, { recursive: true }));
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Stripes of two colours, 12 pixels wide, in a frame of black. */
const striped = (width: number, height: number, one: number[], other: number[], frame = 0): Pixels => ({
  width,
  height,
  rgb: Uint8Array.from({ length: 3 * width * height }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    if (Math.min(x, y, width - 1 - x, height - 1 - y) < frame) return 0;
    return (Math.floor(x / 12) % 2 ? one : other)[i % 3]!;
  }),
});
const bright = (width: number, height: number, frame = 0) => striped(width, height, [200, 60, 30], [40, 200, 240], frame); // prettier-ignore

describe('the squares for meta-training', () => {
  test('are measured in colour, detail and light', () => {
    const { colour, detail, light } = measured(striped(24, 2, [200, 100, 100], [100, 100, 100]));
    expect([colour, detail, light]).toEqual([50, expect.closeTo(14.95, 6), expect.closeTo(114.95, 6)]);
  });

  test('lie inside of the frame, are no two the same, and the same every time', () => {
    const picture = bright(400, 300, 10);
    const found = squares('a', picture);
    expect(found.length).toBeGreaterThan(2);
    for (const [id, left, top, side] of found) {
      expect(id).toBe('a');
      expect(Math.min(left, top, 400 - left - side, 300 - top - side)).toBeGreaterThanOrEqual(16);
    }
    expect(new Set(found.map(String)).size).toBe(found.length);
    expect(squares('a', picture)).toEqual(found);
    for (const [, left, top, side] of squares('a', picture, [50, 60, 220, 200]))
      expect(left >= 50 && top >= 60 && left + side <= 270 && top + side <= 260).toBe(true);
  });

  test('leave out what is grey, plain, dark or small', () => {
    const none = { grey: striped(400, 300, [200, 195, 198], [40, 42, 45]), plain: striped(400, 300, [200, 60, 30], [202, 60, 30]), dark: striped(400, 300, [60, 0, 0], [0, 0, 70]), small: bright(130, 130) }; // prettier-ignore
    for (const [name, picture] of Object.entries(none)) expect(squares(name, picture), name).toEqual([]);
  });
});

const source = (use: PictureSource['use']): PictureSource => ({ title: 'a title', author: 'somebody', page: 'https://example.org', licence: 'CC0 1.0', package: 'toy', file: 'a.png', sha256: '', use }); // prettier-ignore
const sources: { [id: string]: Pixels } = { a: bright(400, 300), b: striped(300, 200, [9, 8, 7], [1, 2, 3]) };
const credits: Credits = {
  sources: { a: source('train'), b: source('test') },
  sheets: {
    two: {
      size: 64,
      columns: 2,
      sha256: '',
      crops: [
        ['b', 0, 0, 128],
        ['b', 24, 10, 64],
        ['b', 100, 0, 200],
      ],
    },
    [pool]: { size: 64, columns: 4, sha256: '', crops: [['b', 1, 1, 64]] },
  },
};
const make = () => makeSheets(credits, (id) => Promise.resolve(sources[id]!));

describe('sheets', () => {
  test('hold the squares row after row, white where there are no more', async () => {
    const { sheets } = await make();
    const { width, height, rgb } = sheets.two!;
    expect([width, height]).toEqual([128, 128]);
    const at = (x: number, y: number) =>
      Array.from(rgb.subarray(3 * (y * width + x), 3 * (y * width + x) + 3));
    expect([at(0, 0), at(64, 5), at(64 + 12, 5)]).toEqual([
      [1, 2, 3],
      [1, 2, 3],
      [9, 8, 7],
    ]); // the second from 24 on
    expect(at(6, 0)).toEqual([9, 8, 7]); // the first at half its size
    expect([at(127, 127), at(64, 64)]).toEqual([
      [255, 255, 255],
      [255, 255, 255],
    ]);
    expect(at(63, 127)).not.toEqual([255, 255, 255]);
  });

  test('say their checksums, and the pool its squares, by rule; a second time nothing changes', async () => {
    const first = await make();
    expect(first.credits.sheets[pool]!.crops).toEqual(squares('a', sources.a!));
    expect(first.credits.sheets.two!.sha256).toBe(sha256(first.sheets.two!.rgb));
    const second = await makeSheets(first.credits, (id) => Promise.resolve(sources[id]!));
    expect(creditsText(second.credits)).toBe(creditsText(first.credits));
    expect(png(second.sheets.two!)).toEqual(png(first.sheets.two!));
    expect(Array.from(decode(png(first.sheets.two!)).data)).toEqual(Array.from(first.sheets.two!.rgb));
  });

  test('of the pool take the sources in turn', async () => {
    const two = { ...credits, sources: { ...credits.sources, c: source('train') } };
    const all: { [id: string]: Pixels } = { ...sources, c: bright(500, 300) };
    const { credits: listed } = await makeSheets(two, (id) => Promise.resolve(all[id]!));
    const { crops } = listed.sheets[pool]!;
    expect(crops.slice(0, 4).map(([id]) => id)).toEqual(['a', 'c', 'a', 'c']);
    const name = 'the same squares, listed';
    const again = await makeSheets({ ...two, sheets: { [name]: listed.sheets[pool]! } }, (id) => Promise.resolve(all[id]!)); // prettier-ignore
    expect(again.credits.sheets[name]!.sha256).toBe(listed.sheets[pool]!.sha256); // each is where the list says
  });

  test('from a source that is not listed are refused', async () => {
    const other = { ...credits, sources: { a: source('train') } };
    await expect(makeSheets(other, (id) => Promise.resolve(sources[id]!))).rejects.toThrow("two: no source 'b' in CREDITS.json"); // prettier-ignore
  });

  test('and one changed byte of a file, or a missing file, is found', async () => {
    const path = join(folder, 'two.png');
    const bytes = png((await make()).sheets.two!);
    expect(differing({ [path]: bytes })).toEqual([[path, bytes]]);
    writeFileSync(path, bytes);
    expect(differing({ [path]: bytes })).toEqual([]);
    writeFileSync(
      path,
      bytes.map((byte, i) => (i === 100 ? byte ^ 1 : byte)),
    );
    expect(differing({ [path]: bytes })).toEqual([[path, bytes]]);
  });

  test('are committed with the credits in the form that is written', () => {
    const text = readFileSync(join(root, 'data', 'pictures', 'CREDITS.json'), 'utf8');
    expect(creditsText(JSON.parse(text) as Credits)).toBe(text);
    const known = packages.map(({ from }) => from);
    for (const { package: from } of Object.values((JSON.parse(text) as Credits).sources)) expect(known).toContain(from); // prettier-ignore
  });
});

describe('packages', () => {
  const archives: { [name: string]: Buffer } = {};
  const server = createServer((request, response) => response.end(archives[request.url ?? '']));
  const url = (name: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}${name}`;
  const at = (name: string, change: Partial<Package> = {}): Package => ({
    ...{ type: 'url', from: url(name), bytes: archives[name]!.length, folder: 'pack/inside' },
    sha512: createHash('sha512').update(archives[name]!).digest('hex'),
    ...change,
  });
  const picture = png(bright(20, 10));
  beforeAll(async () => {
    mkdirSync(join(folder, 'pack', 'inside'), { recursive: true });
    writeFileSync(join(folder, 'pack', 'inside', 'a.png'), picture);
    writeFileSync(join(folder, 'pack', 'index.js'), 'process.exit(1)');
    await create({ gzip: true, cwd: folder, file: join(folder, 'plain.tgz') }, ['pack']);
    await create({ gzip: true, cwd: folder, file: join(folder, 'nested.tgz') }, ['plain.tgz']);
    for (const name of ['plain', 'nested']) archives[`/${name}`] = readFileSync(join(folder, `${name}.tgz`));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => void server.close());

  test('give their pictures, one archive in the other too, and nothing else', async () => {
    const list = [at('/plain'), at('/nested', { inner: 'plain.tgz' })];
    const seen: number[] = [];
    const path = await unpacked(list, join(folder, 'work'), { onBytes: (bytes) => seen.push(bytes) });
    for (const { from } of list) {
      const file = path(from, 'a.png');
      expect(await decoded(file, sha256(picture))).toEqual(bright(20, 10));
      await expect(decoded(file, '0')).rejects.toThrow(`${file}: expected sha256 0, got ${sha256(picture)}`);
    }
    expect(seen.at(-1)).toBe(list[0]!.bytes + list[1]!.bytes);
    expect(() => readFileSync(join(folder, 'work', '0', 'pack', 'index.js'))).toThrow('ENOENT');
    expect(() => path('none', 'a.png')).toThrow(`no package 'none'; there are: ${list[0]!.from}, `);
  });

  test('that are others or do not come are one line', async () => {
    const failed = async (change: Partial<Package>) => {
      const error = await unpacked([at('/plain', change)], join(folder, 'failed')).catch((error: Error) => error); // prettier-ignore
      expect(error).toBeInstanceOf(Error);
      return (error as Error).message;
    };
    expect(await failed({ sha512: '00' })).toMatch(/\/plain could not be fetched: expected sha512 00, got [0-9a-f]{128} from \d+ bytes; try again later$/); // prettier-ignore
    expect(await failed({ from: 'http://127.0.0.1:9/x' })).toMatch(/^http:\/\/127\.0\.0\.1:9\/x could not be fetched: fetch failed.*; try again later$/); // prettier-ignore
  });
});
