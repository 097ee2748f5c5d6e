// Tells Jupyter of the TypeScript kernel.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from '../setup.mjs';

/** The name that the notebooks carry: they also open with the stock tslab kernel. */
export const kernelName = 'tslab';

/**
 * Writes the kernel specification below `share`, a folder of the project that Jupyter searches. It holds no path of the
 * machine, so that the project can be moved.
 * @param {string} share
 */
export function writeKernelspec(share) {
  const folder = join(share, 'kernels', kernelName);
  mkdirSync(folder, { recursive: true });
  const kernel = relative(folder, join(root, 'environment', 'kernel', 'dist', 'kernel.js')).replaceAll(
    '\\',
    '/',
  );
  const spec = {
    // Without the option a stop inside a timer's callback aborts Node.
    argv: ['node', '--no-force-async-hooks-checks', `{resource_dir}/${kernel}`, '{connection_file}'],
    display_name: 'TypeScript',
    language: 'typescript',
    interrupt_mode: 'message',
  };
  writeFileSync(join(folder, 'kernel.json'), JSON.stringify(spec, null, 2) + '\n');
}
