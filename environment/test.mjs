// npm test: type check, lint, format check, all tests. The last line is `N passed, N failed`.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { counting } from './reporter.mjs';
import { root, run, setUp } from './setup.mjs';

/**
 * Whether a tool ends with code 0; what it says goes to the terminal.
 * @param {string} title
 * @param {string[]} words path of the tool in node_modules, and its arguments
 */
async function passes(title, [tool = '', ...args]) {
  const child = spawn(process.execPath, [join(root, 'node_modules', tool), ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  const code = await new Promise((resolve) => child.on('exit', resolve));
  console.log(`${code === 0 ? 'passed' : 'FAILED'}: ${title}`);
  return code === 0;
}

await run(async () => {
  await setUp();
  /** @type {import('./reporter.mjs').Tally} */
  const tally = { passed: 0, failed: 0, skipped: [] };
  const checks = [
    ['type check', 'typescript/bin/tsc', '-p', 'tsconfig.json'],
    ['lint', 'eslint/bin/eslint.js', '.'],
    ['format', 'prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'],
  ];
  for (const [title = '', ...words] of checks) (await passes(title, words)) ? tally.passed++ : tally.failed++;

  process.env.L2L_FAST = '1';
  const { startVitest } = await import('vitest/node');
  const before = tally.passed + tally.failed;
  const vitest = await startVitest('test', [], { root, watch: false, reporters: ['dot', counting(tally)] });
  await vitest.close();
  process.exitCode = 0; // vitest's own; ours follows from the tally

  for (const skipped of tally.skipped) console.log(`skipped: ${skipped}`);
  const none = tally.passed + tally.failed === before;
  if (none) console.log('no test ran');
  console.log(`${tally.passed} passed, ${tally.failed} failed`);
  return tally.failed > 0 || none ? 1 : 0;
});
