// npm run test:lab [-- --shots folder] [-- --show]: drives JupyterLab in a real Chromium through what a student does.
// Needs Python 3.10+ (or uv) and a Chromium (CHROMIUM=path, or on the PATH); without them it says `skipped: …`.
import { spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { jupyterEnvironment, labOptions, prepareLab, venv } from './lab.mjs';
import { openLab } from './lab/browser.mjs';
import { notebookOf } from './lab/made.mjs';
import { findPython, program } from './lab/python.mjs';
import { root, run, setUp } from './setup.mjs';

const { values } = parseArgs({ options: { shots: { type: 'string' }, show: { type: 'boolean' } } });
const patience = 120_000; // ms, for a busy machine

const browserPath =
  process.env.CHROMIUM ??
  (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => ['chromium', 'chromium-browser', 'google-chrome'].map((name) => join(folder, name)))
    .find(existsSync);

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });

const stopping = notebookOf(
  'import * as tf from "@tensorflow/tfjs";\nimport { adam, lstm, metaTrain, progress, quadratic, ready } from "learning-to-learn";\nawait ready();\nlet n = 0, m = 0;',
  'const a = tf.ones([64, 64]);\nwhile (true) { tf.tidy(() => a.matMul(a).sum().dataSync()); n++; }',
  'while (true) { m++; await new Promise(r => setTimeout(r, 10)); }',
  'await null;\nwhile (true) { tf.tidy(() => a.matMul(a).sum().dataSync()); n++; }',
  'const train = (episodes: number) => metaTrain(lstm({ hidden: [20, 20] }), quadratic({ batch: 8 }), { episodes, outer: () => adam({ lr: 0.01 }), onProgress: progress("training") });\nawait train(100000)',
  'const some = await train(2);\nconsole.log("state kept", n > 0, m > 0, "trained", some.losses.length)',
  'function fail(steps: number) {\n  if (steps > 100) throw new Error("too many steps: " + steps);\n}\nfail(500)',
  '',
);

await run(async () => {
  if (!browserPath) return void console.log('skipped: browser test: no Chromium (CHROMIUM=path names one)');
  if (!findPython()) return void console.log('skipped: browser test: no Python');
  await setUp();
  prepareLab();
  if (values.shots) mkdirSync(values.shots, { recursive: true });

  // In the project, so that cells find its packages; the notebooks themselves stay as they are.
  mkdirSync(join(root, '.cache'), { recursive: true });
  const folder = mkdtempSync(join(root, '.cache', 'lab-'));
  const second = '02-learning-to-optimize-quadratics.ipynb';
  copyFileSync(join(root, 'notebooks', second), join(folder, 'second.ipynb'));
  writeFileSync(join(folder, 'stop.ipynb'), stopping);
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const options = [...labOptions, '--no-browser', '--allow-root', `--port=${port}`, '--IdentityProvider.token=e2e', '--LabApp.expose_app_in_browser=True']; // prettier-ignore
  const env = {
    ...jupyterEnvironment(),
    L2L_FAST: '',
    JUPYTERLAB_WORKSPACES_DIR: join(folder, '.workspaces'),
  };
  const server = spawn(program(venv, 'jupyter'), ['lab', folder, ...options], { stdio: 'ignore', env });
  let failed = 0;
  /** @param {string} name @param {() => Promise<unknown>} work */
  const check = async (name, work) => {
    const start = Date.now();
    const [verdict, note] = await work().then(
      (said) => ['ok', said ?? ''],
      (error) => ['FAILED', String(error.message).split('\n')[0]],
    );
    if (verdict === 'FAILED') failed++;
    console.log(`${verdict}: ${name} (${((Date.now() - start) / 1000).toFixed(1)} s) ${note}`);
  };
  let browser;
  try {
    browser = await chromium.launch({ executablePath: browserPath, headless: !values.show, args: ['--no-sandbox', '--disable-gpu'] }); // prettier-ignore
    const page = await browser.newPage({ viewport: { width: 1200, height: 1000 } });
    page.setDefaultTimeout(patience);
    const lab = openLab(page, base, 'e2e', patience);
    const shot = async (/** @type {string} */ name) =>
      values.shots && (await page.screenshot({ path: join(values.shots, `${name}.png`) }));

    await check('the server answers', () => lab.until('server', () => fetch(`${base}/api?token=e2e`).then((r) => r.ok, () => false))); // prettier-ignore
    await check('notebook 02 opens, its kernel gets ready', () => lab.open('second'));
    const cells = JSON.parse(readFileSync(join(folder, 'second.ipynb'), 'utf8')).cells;
    const at = (/** @type {string} */ word) =>
      cells.findIndex((/** @type {any} */ c) => c.cell_type === 'code' && c.source.join('').includes(word));
    await check('a value is changed', async () => {
      await lab.replace(at('const settings'), 'split: "test" as Split, functions: 10000, liveEpisodes: 40', 'split: "validation" as Split, functions: 500, liveEpisodes: 60'); // prettier-ignore
    });
    await check('Run All; the progress bar moves in place', async () => {
      await lab.command('notebook:run-all-cells');
      const training = at('const live =');
      await lab.scrollTo(training);
      const seen = new Set();
      let most = 0;
      await lab.until('the training', async () => {
        const texts = await lab.htmls(training).allInnerTexts().catch(() => []); // prettier-ignore
        most = Math.max(most, texts.length);
        if (texts[0]) seen.add(texts[0]);
        if (seen.size === 4) await shot('progress');
        return lab.isDone(training);
      });
      if (most !== 1 || seen.size < 4) throw new Error(`${most} outputs, ${seen.size} states seen`);
      return `${seen.size} states seen in one output`;
    });
    await check('every cell runs, to the end', () =>
      lab.until('the last cell', () => lab.isDone(cells.length - 1)),
    );
    await check('the figure is interactive: a hover label can be read', async () => {
      const said = await lab.hover(at('Figure 4, left'));
      await shot('figure');
      return said;
    });
    await check('the new value is seen everywhere', async () => {
      await lab.replace(at('const settings'), 'liveEpisodes: 60', 'liveEpisodes: 8');
      await lab.runCell(at('const settings'));
      await lab.runCell(at('const live ='));
      await lab.scrollTo(at('const live ='));
      const text = await lab.outputs(at('const live =')).first().innerText();
      if (!text.includes('8/8')) throw new Error(text.split('\n')[0]);
    });
    await check('Restart and Run All', async () => {
      await lab.command('notebook:restart-run-all');
      await page.locator('.jp-Dialog .jp-mod-accept').click();
      await lab.until('the old outputs to go', async () => !(await lab.isDone(cells.length - 1)));
      await lab.until('the counts begin again', async () => (await lab.prompt(at('engine.line'))) === '[1]:');
      await lab.until('the last cell', () => lab.isDone(cells.length - 1));
    });

    await check('another notebook opens', () => lab.open('stop'));
    await check('its imports run', () => lab.runCell(0));
    for (const [
      i,
      name,
    ] of [[1, 'a synchronous loop'], [2, 'an asynchronous loop'], [3, 'a busy loop after an await'], [4, 'a training']]) // prettier-ignore
      await check(`the stop button stops ${name}`, () => lab.stop(Number(i)));
    await check('after the stops the names are there, and training goes on', async () => {
      await lab.runCell(5);
      const text = await lab.outputs(5).last().innerText();
      if (!text.includes('state kept true true trained 2')) throw new Error(text);
    });
    await check('an error is a red box with the line of the cell', async () => {
      const text = await lab.runFailing(6);
      await shot('error');
      if (!/too many steps: 500[^]*:2:/.test(text)) throw new Error(text);
    });
    await check('Tab completes', async () => {
      const items = await lab.complete(7, 'tf.train.ada');
      await shot('completion');
      if (!items.some((item) => item.includes('adam'))) throw new Error(items.join());
    });
    await check('Shift-Tab shows the signature', async () => {
      const text = await lab.inspect(7, 'tf.train.adam(');
      await shot('inspection');
      if (!text.includes('learningRate')) throw new Error(text);
    });
    await check('the page and the static pictures use the same plotly', async () => {
      const major = (/** @type {string} */ version) => version.split('.')[0];
      const static_ = JSON.parse(
        readFileSync(join(root, 'node_modules/plotly.js-dist/package.json'), 'utf8'),
      ).version;
      const drawn = await lab.plotlyVersion(venv);
      if (major(drawn) !== major(static_)) throw new Error(`${drawn} and ${static_}`);
      return `${drawn} and ${static_}`;
    });
  } finally {
    await browser?.close();
    server.kill('SIGTERM');
    await new Promise((resolve) => (server.exitCode === null ? server.on('exit', resolve) : resolve(0)));
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  return failed ? 1 : 0;
});
