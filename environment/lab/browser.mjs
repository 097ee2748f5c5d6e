// JupyterLab's page as a reader uses it: opens notebooks, edits and runs cells, and waits for what they show.
const step = 50; // ms between two looks
export const sleep = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));
export const panel = '.jp-NotebookPanel:not(.lm-mod-hidden)';
export const errorBox = '[data-mime-type^="application/vnd.jupyter."]';

/** @typedef {{ count: number | null, state: string, outputs: any[] }} Model what the document knows of a code cell */
/** @typedef {ReturnType<typeof openLab>} Lab */

/**
 * @param {import('playwright-core').Page} page
 * @param {{ base: string, token: string, patience: number }} options patience in ms
 */
export function openLab(page, { base, token, patience }) {
  /** @param {string} what @param {() => Promise<unknown> | unknown} test */
  async function until(what, test) {
    for (const start = Date.now(); !(await test()); await sleep(step))
      if (Date.now() - start > patience) throw new Error(`waited in vain for ${what}`);
  }
  /** @param {string} name of one of Lab's commands @param {object} [args] */
  const command = (name, args = {}) =>
    page.evaluate(
      ([id, given]) =>
        void (/** @type {any} */ (window).jupyterapp.commands.execute(/** @type {string} */ (id), given)),
      [name, args],
    );
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
   * @returns {Promise<(Model | null)[]>} null for text
   */
  const models = () =>
    page.evaluate(() => {
      const { cells } = /** @type {any} */ (window).jupyterapp.shell.currentWidget.content.model;
      return Array.from(cells, ({ type, executionCount, executionState, outputs }) =>
        type === 'code' ? { count: executionCount, state: executionState, outputs: outputs.toJSON() } : null,
      );
    });
  /** @param {number} i @returns {Promise<Model>} */
  const model = async (i) => {
    const found = (await models())[i];
    if (!found) throw new Error(`cell ${i} is not code`);
    return found;
  };
  const isIdle = () =>
    page.evaluate(() => {
      const { sessionContext } = /** @type {any} */ (window).jupyterapp.shell.currentWidget;
      return sessionContext.session?.kernel?.status === 'idle';
    });
  const start = async (/** @type {number} */ i) => {
    await scrollTo(i);
    await cell(i).locator('.cm-content').click();
    await page.keyboard.press('Control+Enter');
  };
  /** @param {number} i @param {string} text in the place of the cell's */
  const write = async (i, text) => {
    await scrollTo(i);
    await cell(i).locator('.cm-content').click();
    await page.keyboard.press('Control+a');
    await page.keyboard.insertText(text);
  };
  const source = (/** @type {number} */ i) =>
    page.evaluate((index) => {
      const { cells } = /** @type {any} */ (window).jupyterapp.shell.currentWidget.content.model;
      return /** @type {string} */ (cells.get(index).sharedModel.getSource());
    }, i);
  /**
   * Runs a cell; its count tells that it was this run that ended.
   * @param {number} i
   */
  const finished = async (i) => {
    const { count: before } = await model(i);
    await start(i);
    let now = /** @type {Model | null} */ (null);
    await until(`cell ${i}`, async () => {
      now = await model(i);
      return now.count !== null && now.count !== before && now.state === 'idle' && (await isIdle());
    });
    return /** @type {Model} */ (/** @type {unknown} */ (now));
  };

  return {
    page,
    until,
    command,
    cell,
    outputs,
    htmls,
    scrollTo,
    models,
    model,
    isIdle,
    start,
    write,
    source,

    /** @param {string} name of the notebook, without .ipynb */
    async open(name) {
      await page.goto(`${base}/lab/workspaces/${name}/tree/${name}.ipynb?token=${token}`);
      const ready = () => {
        const { shell } = /** @type {any} */ (window).jupyterapp ?? {};
        return shell?.currentWidget?.sessionContext?.session?.kernel?.status === 'idle';
      };
      await page.waitForFunction(ready, null, { timeout: patience });
    },

    /** @param {number} i */
    async runCell(i) {
      const { outputs } = await finished(i);
      refuseErrors(i, outputs);
      return outputs;
    },

    /**
     * What the error box of a cell says.
     * @param {number} i
     */
    async runFailing(i) {
      await finished(i);
      const box = cell(i).locator(errorBox);
      await box.first().waitFor();
      return (await box.first().innerText()).trim();
    },
  };
}

/** @param {number} i @param {readonly any[]} outputs */
export function refuseErrors(i, outputs) {
  const error = outputs.find(({ output_type }) => output_type === 'error');
  if (error) throw new Error(`cell ${i} failed: ${error.ename}: ${error.evalue}`);
}
