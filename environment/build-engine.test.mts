import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { build, findZig, prebuilt, sha256, targets } from './build-engine.mjs';

test('the committed files are those that SHA256SUMS names', () => {
  const lines = readFileSync(join(prebuilt, 'SHA256SUMS'), 'utf8').trim().split('\n');
  expect(lines.length).toBe(targets.length);
  for (const line of lines) {
    const [hash, file] = line.split('  ');
    expect(sha256(join(prebuilt, file!))).toBe(hash);
  }
});

test.for(['linux-x64', 'wasm-relaxed', 'wasm-simd', 'wasm-single'])(
  '%s is built again byte for byte',
  (target, ctx) => {
    if (!findZig()) {
      ctx.skip('needs zig from PyPI, see environment/build-engine.mjs');
      return;
    }
    const folder = mkdtempSync(join(tmpdir(), 'l2l-'));
    try {
      const file = build(target, folder);
      expect(readFileSync(join(folder, file)).equals(readFileSync(join(prebuilt, file)))).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
