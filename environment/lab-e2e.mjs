// npm run test:lab [-- --shots folder] [-- --show] [-- --only 03]: drives JupyterLab in a real Chromium as a student would.
// Needs Python 3.10+ (or uv) and a Chromium (CHROMIUM=path, or on the PATH); without them it says `skipped: …`.
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { prepareLab, venv } from './lab.mjs';
import { openLab } from './lab/browser.mjs';
import { ownNotebook, walkOwn } from './lab/own.mjs';
import { labPlotly, staticPlotly } from './lab/plotly.mjs';
import { findPython } from './lab/python.mjs';
import { findChromium, startLab } from './lab/server.mjs';
import { walk } from './lab/walk.mjs';
import { root, run } from './setup.mjs';

const { values } = parseArgs({
  options: { shots: { type: 'string' }, show: { type: 'boolean' }, only: { type: 'string' } },
});
const patience = 300_000; // ms, for a busy machine

/** @type {{ [number: string]: import('./lab/walk.mjs').Plan }} */
const plans = {
  '01': { first: { runs: 40 }, change: ['steps', 20, 30], long: { runs: 2000 } },
  '02': { first: {}, change: ['liveEpisodes', 60, 40], long: { liveEpisodes: 100_000 } },
  '03': { first: { liveEpisodes: 12 }, change: ['steps', 20, 30], long: { liveEpisodes: 100_000 } },
};

await run(async () => {
  const executablePath = findChromium();
  if (!executablePath)
    return void console.log('skipped: browser test: no Chromium (CHROMIUM=path names one)');
  if (!findPython()) return void console.log('skipped: browser test: no Python');
  await prepareLab();
  if (values.shots) mkdirSync(values.shots, { recursive: true });

  // In the project, so that cells find its packages; the notebooks themselves stay as they are.
  mkdirSync(join(root, '.cache'), { recursive: true });
  const folder = mkdtempSync(join(root, '.cache', 'lab-'));
  const notebooks = readdirSync(join(root, 'notebooks'));
  const path = (/** @type {string} */ number) =>
    join(root, 'notebooks', notebooks.find((name) => name.startsWith(`${number}-`)) ?? '');
  for (const number of Object.keys(plans)) copyFileSync(path(number), join(folder, `${number}.ipynb`));
  writeFileSync(join(folder, 'own.ipynb'), ownNotebook);
  const server = await startLab(folder);
  let [passed, failed] = [0, 0];
  let browser;
  try {
    browser = await chromium.launch({ executablePath, headless: !values.show, args: ['--no-sandbox', '--disable-gpu'] }); // prettier-ignore
    const page = await browser.newPage({ viewport: { width: 1200, height: 1000 } });
    page.setDefaultTimeout(patience);
    const lab = openLab(page, { ...server, patience });
    const shot = async (/** @type {string} */ name) =>
      values.shots && (await page.screenshot({ path: join(values.shots, `${name}.png`) }));
    /** @type {import('./lab/walk.mjs').Check} */
    const check = async (name, work) => {
      const start = Date.now();
      const [verdict, note] = await work().then(
        (said) => ['ok', String(said ?? '')],
        (error) => ['FAILED', String(error.message).split('\n')[0]],
      );
      if (verdict === 'ok') passed++;
      else await shot(`failed-${++failed}`);
      console.log(`${verdict}: ${name} (${((Date.now() - start) / 1000).toFixed(1)} s) ${note}`.trim());
    };

    await check('npm run lab: the server answers', () => lab.until('server', server.answers));
    for (const [number, plan] of Object.entries(plans))
      if (!values.only || values.only === number)
        await walk(lab, { check, shot }, path(number), number, plan);
    if (!values.only || values.only === 'own') await walkOwn(lab, { check, shot }, 'own');
    await check('the page and the static pictures use the same plotly', async () => {
      const versions = [labPlotly(venv), staticPlotly()];
      if (new Set(versions.map((version) => version.split('.')[0])).size > 1) throw new Error(`${versions}`);
      return versions.join(' and ');
    });
  } finally {
    await browser?.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed ? 1 : 0;
});
