// python3 -m venv .venv && .venv/bin/pip install scikit-learn && node environment/scikit.mjs
// Writes what scikit-learn makes of 20 data sets, which lib/rivals/rivals.test.ts holds our rivals against.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root, run, setUp } from './setup.mjs';

await run(async () => {
  await setUp();
  /** @type {typeof import('learning-to-learn')} */
  const { comparedStreams, rivalGrids } = createRequire(import.meta.url)('learning-to-learn');
  const sets = comparedStreams().map(({ x, y, ...rest }) => ({ ...rest, x: [...x], y: [...y] }));
  const { stdout, status } = spawnSync(
    join(root, '.venv/bin/python'),
    [join(root, 'environment/scikit.py')],
    {
      input: JSON.stringify({ grids: rivalGrids, sets }),
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  if (status !== 0) throw new Error('scikit-learn failed');
  writeFileSync(
    join(root, 'lib/rivals/scikit.json'),
    JSON.stringify({ grids: rivalGrids, ...JSON.parse(stdout) }, null, 1) + '\n',
  );
});
