// node environment/calibrate.mjs
// Bosc's text lost the number of inputs and the level of noise: how the three rivals do for candidates of both, on seeds
// that nothing else uses. The table is kept in data/results/; the choice stands in lib/experiments/bosc.ts.
import { createRequire } from 'node:module';
import { run, setUp } from './setup.mjs';

await run(async () => {
  await setUp();
  /** @type {typeof import('learning-to-learn')} */
  const { calibration, progress, tableText } = createRequire(import.meta.url)('learning-to-learn');
  const rows = await calibration({ onProgress: progress('calibrating') });
  console.log(tableText({ columns: Object.keys(rows[0] ?? {}), values: rows.map(Object.values) }));
});
