import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = join(__dirname, '..', '..');
const node = async (script: string, env: object = {}) => {
  const options = { cwd: root, env: { ...process.env, ...env } };
  return await promisify(execFile)(process.execPath, ['-e', script], options).catch((error) => error);
};
const start = `const l = require('learning-to-learn'); const tf = require('@tensorflow/tfjs');
  l.ready().then(({ name, line }) => { tf.square(2).dataSync(); console.log(name + ': ' + line); }, (e) => console.log(e.message));`;

test.each([
  ['wasm', 'on WebAssembly'],
  ['cpu', 'on plain JavaScript'],
])('L2L_BACKEND=%s starts it in one line, without a greeting', async (name, what) => {
  const { stdout, stderr } = await node(start, { L2L_BACKEND: name });
  expect(stdout).toMatch(
    new RegExp(`^${name}: TensorFlow.js 4\\.\\d+\\.\\d+ ${what}, LSTM on .*; .*\\d+ cores\n$`),
  );
  expect(stderr).toBe('');
});

test('no greeting either where danfojs comes first', async () => {
  const { stdout, stderr } = await node(`require('danfojs-node'); ${start}`, { L2L_BACKEND: 'cpu' });
  expect(stdout + stderr).not.toContain('Hi, looks like you are running TensorFlow.js');
});

test('an unknown backend lists the known ones; one that is not installed says what to install', async () => {
  expect((await node(start, { L2L_BACKEND: 'webgl' })).stdout).toBe(
    "unknown L2L_BACKEND 'webgl'; there are: gpu, node, wasm, cpu\n",
  );
  if (existsSync(join(root, 'node_modules', '@tensorflow', 'tfjs-node-gpu'))) return;
  expect((await node(start, { L2L_BACKEND: 'gpu' })).stdout).toContain(
    'L2L_BACKEND=gpu does not load here: npm run native -- --gpu',
  );
});

test('danfojs uses the one TensorFlow.js', async () => {
  const script =
    "console.log(require('danfojs-node').tensorflow.Tensor === require('@tensorflow/tfjs').Tensor)";
  expect((await node(script)).stdout).toBe('true\n');
});

test('there is one tfjs-core in the tree', () => {
  const found: string[] = [];
  const look = (folder: string) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (!entry.isDirectory()) continue;
      const path = join(folder, entry.name);
      if (entry.name === 'tfjs-core') found.push(path);
      if (entry.name.startsWith('@')) look(path);
      else if (existsSync(join(path, 'node_modules'))) look(join(path, 'node_modules'));
    }
  };
  look(join(root, 'node_modules'));
  expect(found).toEqual([join(root, 'node_modules', '@tensorflow', 'tfjs-core')]);
});

test('the library imports @tensorflow/tfjs and no other TensorFlow.js', () => {
  const sources = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === 'dist' ? [] : sources(path);
      return entry.name.endsWith('.ts') ? [path] : [];
    });
  const imported = sources(join(root, 'lib')).flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/from '(@tensorflow\/[^']+)'/g)].map((match) => match[1]),
  );
  expect(new Set(imported)).toEqual(new Set(['@tensorflow/tfjs']));
});
