import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['lib/**/*.test.ts', 'environment/**/*.test.mts'],
    setupFiles: ['lib/testing/setup.mts'],
    maxWorkers: 2,
    testTimeout: 300_000,
  },
});
