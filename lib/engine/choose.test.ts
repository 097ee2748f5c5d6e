import { readFileSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { kernelBuild, kernelName } from './choose.js';
import { prebuilt } from './prebuilt.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

test.each([
  ['native', /\.node$/],
  ['wasm', /relaxed\.wasm$/],
  ['wasm:simd', /simd\.wasm$/],
])('%s: its build is named as in SHA256SUMS', (engine, file) => {
  vi.stubEnv('L2L_ENGINE', engine);
  const sums = readFileSync(prebuilt('SHA256SUMS'), 'utf8');
  const [, name, build] = /^(.+), build (\w{8})$/.exec(kernelBuild())!;
  expect(name).toBe(kernelName());
  expect(sums.split('\n').find((line) => line.startsWith(build!))).toMatch(file);
});

test('the plain path has none', () => {
  vi.stubEnv('L2L_ENGINE', 'plain');
  expect(kernelBuild()).toBe('TensorFlow.js');
});
