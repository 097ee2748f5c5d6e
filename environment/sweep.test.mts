import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { root } from './setup.mjs';
import { merge } from './merge.mjs';
import { shard, work } from './sweep.mjs';

let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'l2l-sweep-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const worker = join(root, 'environment', 'testing', 'worker.cjs');
const jobs = (...indices: number[]) => indices.map((index) => ({ name: `job ${index}`, index, stage: 0 }));
const sweep = (indices: number[], workers: number, report: (done: number) => void = () => {}) =>
  work([folder], jobs(...indices), workers, report, worker);
const results = () => readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]);

test.each([1, 3, 8])('%d workers do every job once, and report each', async (workers) => {
  const done: number[] = [];
  await sweep([0, 1, 2, 3, 4], workers, (n) => done.push(n));
  expect(results()).toEqual([['0', '0'], ['1', '1'], ['2', '4'], ['3', '9'], ['4', '16']]); // prettier-ignore
  expect(done).toEqual([1, 2, 3, 4, 5]);
});

test('what is done of a long job counts', async () => {
  const done: number[] = [];
  await sweep([1, 5, 2], 1, (n) => done.push(n));
  expect(done).toEqual([1, 1.5, 2, 3]);
});

test('a job that fails is named, and ends the sweep; what was done stays', async () => {
  await expect(sweep([1, 2, 7, 3, 4], 1)).rejects.toThrow('job 7: seven');
  expect(results().map(([file]) => file)).toEqual(['1', '2']);
});

test('a worker that dies is an error and not a hang', async () => {
  await expect(sweep([1, 9, 2, 3], 2)).rejects.toThrow('job 9: the worker ended (3)');
});

test('the shards of a sweep share no job and together have all', () => {
  const all = Array.from({ length: 11 }, (_, i) => i);
  const shards = [1, 2, 3].map((i) => shard(all, `${i}/3`));
  expect(shards.flat().sort((a, b) => a - b)).toEqual(all);
  expect(shard(all, undefined)).toEqual(all);
  for (const words of ['0/3', '4/3', '3', 'a/b'])
    expect(() => shard(all, words)).toThrow('--shard must be i/n with i from 1 to n');
});

test('results of several clones come together, checked against their names', () => {
  const library = createRequire(import.meta.url)('learning-to-learn');
  const [a, into] = [join(folder, 'a'), join(folder, 'into')];
  [a, into].forEach((path) => mkdirSync(path));
  const keep = (path: string, result: number) => {
    const inputs = { experiment: 'x', seed: 1 };
    const name = `x-curves-${library.hashOf(inputs).slice(0, 12)}.json`;
    writeFileSync(join(path, name), JSON.stringify({ inputs, result }));
    return join(path, name);
  };
  const file = keep(a, 1);
  expect(merge([a], into, library)).toEqual({ copied: 1, known: 0 });
  expect(merge([a], into, library)).toEqual({ copied: 0, known: 1 });
  keep(a, 2);
  expect(() => merge([a], into, library)).toThrow('are different results of the same inputs');
  writeFileSync(file, readFileSync(file, 'utf8').replace('"seed":1', '"seed":2'));
  expect(() => merge([a], into, library)).toThrow('does not belong to its inputs');
  writeFileSync(file, '{"inputs":');
  expect(() => merge([a], into, library)).toThrow('is broken or truncated');
  expect(() => merge([join(folder, 'b')], into, library)).toThrow('no folder');
});
