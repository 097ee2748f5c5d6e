// node environment/lab/kernelspec.mjs [folder]: tells Jupyter of the TypeScript kernel. The folder is one that Jupyter searches,
// for example ~/.local/share/jupyter, which is where VS Code finds kernels.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../setup.mjs';

/** The name that the notebooks carry: they also open with the stock tslab kernel. */
export const kernelName = 'tslab';

/**
 * Writes the kernel specification below `share`, a folder that Jupyter searches. Its paths are relative, so that a project
 * that holds the folder can be moved.
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
    // Without the first option a stop inside a timer's callback aborts Node. Without the second V8 lets what the type checker
    // leaves of every cell grow to four times what is needed before it looks.
    argv: [
      'node',
      '--no-force-async-hooks-checks',
      '--heap-growing-percent=40',
      `{resource_dir}/${kernel}`,
      '{connection_file}',
    ],
    display_name: 'TypeScript',
    language: 'typescript',
    interrupt_mode: 'message',
  };
  writeFileSync(join(folder, 'kernel.json'), JSON.stringify(spec, null, 2) + '\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const share = resolve(process.argv[2] ?? join(root, '.venv', 'share', 'jupyter'));
  writeKernelspec(share);
  console.log(`${kernelName} (TypeScript) in ${join(share, 'kernels')}`);
}
