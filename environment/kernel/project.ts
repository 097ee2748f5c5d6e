/** Where the cells run. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { Settings } from './tslab.js';

/**
 * The project that the kernel belongs to. A notebook outside of it runs as one in the project's folder, as far as its
 * imports are concerned. The project's tsconfig.json may hold `"tslab": {"lib": ["dom"], "compilerOptions": {…}}`.
 */
export function findProject(): { root: string; directory: string; settings: Settings } {
  const root = realpathSync(resolve(__dirname, '../../..'));
  const here = realpathSync(process.cwd());
  const file = join(root, 'tsconfig.json');
  const { tslab = {} } = (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}) as {
    tslab?: Settings;
  };
  return { root, directory: relative(root, here).startsWith('..') ? root : here, settings: tslab };
}
