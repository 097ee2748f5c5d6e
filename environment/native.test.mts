import { describe, expect, test } from 'vitest';
import { check, recipe } from './native.mjs';

test('only some platforms have a recipe', () => {
  expect(recipe({ gpu: false, platform: 'linux-x64', libc: true }).wheel.project).toBe('tensorflow-cpu');
  expect(recipe({ gpu: true, platform: 'linux-x64', libc: true }).wheel.project).toBe('tensorflow');
  expect(() => recipe({ gpu: false, platform: 'win32-x64', libc: true })).toThrow(
    /cannot be built on win32-x64, only on linux-x64/,
  );
  expect(() => recipe({ gpu: false, platform: 'linux-x64', libc: false })).toThrow(/glibc/);
});

describe('what is missing is said in one line', () => {
  const all = { needsMB: 2500, freeMB: 1e5, has: () => true };
  const without =
    (missing: string) =>
    (command: string, ...args: string[]) =>
      ![command, ...args].join(' ').startsWith(missing);

  test.each([
    ['nothing', {}, undefined],
    ['a compiler', { has: without('g++') }, /a C\+\+ compiler is needed, g\+\+/],
    ['Python', { has: without('python3') }, /Python is needed/],
    ['pip', { has: without('python3 -m pip') }, /pip is needed .* --wheel FILE/],
    ['space', { freeMB: 900 }, /not enough disk: 900 MB are free, 2500 MB are needed/],
    ['the wheel', { file: '/no/such.whl' }, /no such file: \/no\/such.whl/],
  ])('%s', (_, change, complaint) => {
    const attempt = () => check({ ...all, ...change });
    if (!complaint) return attempt();
    expect(attempt).toThrow(complaint);
    try {
      attempt();
    } catch (error) {
      expect(String(error)).not.toContain('\n');
    }
  });
});
