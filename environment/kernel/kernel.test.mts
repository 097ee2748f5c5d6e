import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { kernelName, writeKernelspec } from '../lab/kernelspec.mjs';
import { findPython, prepareVenv, program } from '../lab/python.mjs';
import { root } from '../setup.mjs';

const venv = join(root, '.cache', 'kernel-tests');
const packages = ['jupyter_kernel_test==0.7.0', 'jupyter_client==8.10.0', 'pytest==9.2.0'];

/** Why the suites cannot run here, or null. */
async function missing(): Promise<string | null> {
  const python = findPython();
  if (!python) return 'no Python';
  try {
    await prepareVenv(venv, packages, python);
    writeKernelspec(join(venv, 'share', 'jupyter'));
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
const why = await missing();

// 31 tests of conformance, of which 2 do not apply: the pager, and %-magic.
test.for([
  ['the Jupyter project’s suite and its extension', 'test_conformance.py'],
  ['the kernel’s own suite', 'test_kernel.py'],
])('kernel suite: %s', async ([, file], ctx) => {
  if (why) ctx.skip(why);
  const args = ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', join(import.meta.dirname, 'tests', file!)];
  const env = { ...process.env, KERNEL: kernelName, JUPYTER_PATH: join(venv, 'share', 'jupyter') };
  const cwd = join(root, 'notebooks');
  const { stdout, code } = await promisify(execFile)(program(venv, 'python'), args, { cwd, env }).then(
    ({ stdout }) => ({ stdout, code: 0 }),
    ({ stdout, code }: { stdout: string; code: number }) => ({ stdout, code }),
  );
  expect(code, stdout).toBe(0);
});
