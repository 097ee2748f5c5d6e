// What a reader does in JupyterLab, by hand: open, run, change, stop, complete.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const step = 50; // ms between two looks
const sleep = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));
const panel = '.jp-NotebookPanel:not(.lm-mod-hidden)';

/**
 * @param {import('playwright-core').Page} page
 * @param {string} base
 * @param {string} token
 * @param {number} patience ms
 */
export function openLab(page, base, token, patience) {
  /** @param {string} what @param {() => Promise<unknown> | unknown} test */
  async function until(what, test) {
    for (const start = Date.now(); !(await test()); await sleep(step))
      if (Date.now() - start > patience) throw new Error(`waited in vain for ${what}`);
  }
  const command = (/** @type {string} */ name) =>
    page.evaluate((id) => void (/** @type {any} */ (window).jupyterapp.commands.execute(id)), name);
  /**
   * Lab keeps cells that are out of sight out of the page.
   * @param {number} i
   */
  const cell = (i) => page.locator(`${panel} .jp-Cell[data-windowed-list-index="${i}"]`);
  const outputs = (/** @type {number} */ i) => cell(i).locator('.jp-OutputArea-output');
  const htmls = (/** @type {number} */ i) => cell(i).locator('.jp-OutputArea-child .jp-RenderedHTMLCommon');
  /** @param {number} i */
  const scrollTo = (i) =>
    page.evaluate((index) => {
      const { content } = /** @type {any} */ (window).jupyterapp.shell.currentWidget;
      content.activeCellIndex = index;
      return content.scrollToItem(index, 'center');
    }, i);
  /**
   * From the document, which knows of cells out of sight, too.
   * @param {number} i
   */
  const model = (i) =>
    page.evaluate((index) => {
      const { model } = /** @type {any} */ (window).jupyterapp.shell.currentWidget.content;
      const { executionCount, executionState, outputs } = model.cells.get(index);
      return { count: executionCount, state: executionState, types: outputs?.toJSON().map((/** @type {any} */ o) => o.output_type) ?? [] }; // prettier-ignore
    }, i);
  const isDone = async (/** @type {number} */ i) => {
    const { count, state, types } = await model(i);
    if (types.includes('error')) throw new Error(`cell ${i} failed: ${(await outputs(i).last().innerText()).split('\n')[0]}`); // prettier-ignore
    return state === 'idle' && count !== null;
  };
  const isIdle = () =>
    page.evaluate(
      () => /** @type {any} */ (window).jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle', // prettier-ignore
    );
  const prompt = async (/** @type {number} */ i) => {
    const { count, state } = await model(i);
    return state === 'running' ? '[*]:' : `[${count ?? ' '}]:`;
  };
  const start = async (/** @type {number} */ i) => {
    await scrollTo(i);
    await cell(i).locator('.cm-content').click();
    await page.keyboard.press('Control+Enter');
    await until(`cell ${i} to begin`, async () => (await prompt(i)) !== '[ ]:');
  };
  const type = async (/** @type {number} */ i, /** @type {string} */ text) => {
    await scrollTo(i);
    await cell(i).locator('.cm-content').click();
    await page.keyboard.press('Control+a');
    await page.keyboard.type(text);
  };

  return {
    until,
    command,
    scrollTo,
    outputs,
    htmls,
    isDone,
    prompt,

    async open(/** @type {string} */ name) {
      await page.goto(`${base}/lab/workspaces/${name}/tree/${name}.ipynb?token=${token}`);
      const ready = () => /** @type {any} */ (window).jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'; // prettier-ignore
      await page.waitForFunction(ready, null, { timeout: patience });
    },

    /** Changes text of a cell through its editor's document. */
    async replace(/** @type {number} */ i, /** @type {string} */ from, /** @type {string} */ to) {
      const found = await page.evaluate(
        ([index, before, after]) => {
          const { sharedModel } = /** @type {any} */ (window).jupyterapp.shell.currentWidget.content.model.cells.get(index); // prettier-ignore
          const source = sharedModel.getSource();
          sharedModel.setSource(source.replace(before, after));
          return source.includes(before);
        },
        [i, from, to],
      );
      if (!found) throw new Error(`cell ${i} does not hold '${from}'`);
    },

    async runCell(/** @type {number} */ i) {
      await start(i);
      await until(`cell ${i}`, async () => (await isIdle()) && isDone(i));
    },

    async runFailing(/** @type {number} */ i) {
      await start(i);
      const box = cell(i).locator('[data-mime-type^="application/vnd.jupyter."]');
      await box.first().waitFor();
      return (await box.first().innerText()).trim();
    },

    /** Runs a cell, presses the stop button; says how long it took to stop. */
    async stop(/** @type {number} */ i) {
      await start(i);
      await until('the cell to run', async () => (await prompt(i)) === '[*]:' && !(await isIdle()));
      await sleep(1500); // well inside the loop
      const pressed = Date.now();
      const button = `${panel} .jp-Toolbar [data-command="notebook:interrupt-kernel"], ${panel} .jp-Toolbar jp-button[title*="Interrupt"]`; // prettier-ignore
      await page.locator(button).first().click();
      await until('the stop', async () => (await prompt(i)) !== '[*]:' && (await isIdle()));
      const took = Date.now() - pressed;
      const text = await cell(i).locator('[data-mime-type^="application/vnd.jupyter."]').last().innerText();
      if (!text.includes('KeyboardInterrupt')) throw new Error(text);
      return `after ${took} ms`;
    },

    /** Moves the mouse over a figure until plotly shows a label; what the label says. */
    async hover(/** @type {number} */ i) {
      await scrollTo(i);
      await outputs(i).first().waitFor();
      const image = outputs(i).locator('img').first(); // plotly draws in its place when the mouse comes
      if (await image.count()) await image.hover({ timeout: 5000 }).catch(() => {});
      await outputs(i).locator('.main-svg').first().waitFor();
      const box = await outputs(i).locator('.nsewdrag').first().boundingBox();
      if (!box) throw new Error('the figure has no place on the page');
      const label = outputs(i).locator('.hovertext');
      let x = 0;
      await until('a hover label', async () => {
        x = (x + 0.083) % 1;
        await page.mouse.move(box.x + box.width * x, box.y + box.height * (0.3 + 0.4 * x));
        await sleep(100);
        return label.count();
      });
      return (await label.first().textContent()) ?? '';
    },

    async complete(/** @type {number} */ i, /** @type {string} */ text) {
      await type(i, text);
      await page.keyboard.press('Tab');
      const items = page.locator('.jp-Completer:not(.lm-mod-hidden) .jp-Completer-item');
      await items.first().waitFor();
      const found = await items.allInnerTexts();
      await page.keyboard.press('Escape');
      return found;
    },

    async inspect(/** @type {number} */ i, /** @type {string} */ text) {
      await type(i, text);
      await page.keyboard.press('Shift+Tab');
      await page.locator('.jp-Tooltip').first().waitFor();
      return page.locator('.jp-Tooltip').first().innerText();
    },

    /** The version of plotly.js inside the lab extension of the Python package. */
    async plotlyVersion(/** @type {string} */ venv) {
      const folder = join(venv, 'share', 'jupyter', 'labextensions', 'jupyterlab-plotly', 'static');
      for (const name of readdirSync(folder).filter((file) => file.endsWith('.js'))) {
        const [, version] =
          /src\/version\.js"\(\w+\)\{\w+\.version="(\d+\.\d+\.\d+)"/.exec(
            readFileSync(join(folder, name), 'utf8'),
          ) ?? [];
        if (version) return version;
      }
      throw new Error('no plotly.js found in the lab extension');
    },
  };
}
