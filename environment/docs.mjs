// npm run docs: the library's API as web pages, from its doc comments, in reproduced/api.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root, run, setUp } from './setup.mjs';

await run(async () => {
  await setUp();
  const typedoc = join(root, 'node_modules', 'typedoc', 'bin', 'typedoc');
  const options = [
    '--tsconfig',
    'lib/tsconfig.json',
    '--out',
    'reproduced/api',
    '--name',
    'learning-to-learn',
  ];
  const quiet = [
    '--excludePrivate',
    '--readme',
    'none',
    '--disableSources',
    '--hideGenerator',
    '--logLevel',
    'Warn',
  ];
  const child = spawn(process.execPath, [typedoc, ...options, ...quiet, 'lib/index.ts'], {
    cwd: root,
    stdio: 'inherit',
  });
  const code = await new Promise((resolve) => child.on('exit', resolve));
  if (code === 0) console.log('reproduced/api/index.html');
  return Number(code);
});
