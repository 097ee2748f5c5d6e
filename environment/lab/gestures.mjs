// What a reader's hands do in JupyterLab: the stop button, the mouse over a figure, Tab and Shift-Tab.
import { errorBox, panel, sleep } from './browser.mjs';

/** @typedef {import('./browser.mjs').Lab} Lab */

/**
 * Presses the stop button; says how long it took to stop.
 * @param {Lab} lab
 * @param {number} i the cell that runs
 */
export async function pressStop(lab, i) {
  const { page, cell, until, model, isIdle } = lab;
  const pressed = Date.now();
  const button = ['[data-command="notebook:interrupt-kernel"]', 'jp-button[title*="Interrupt"]'];
  await page.locator(button.map((one) => `${panel} .jp-Toolbar ${one}`).join()).first().click(); // prettier-ignore
  await until('the stop', async () => (await model(i)).state === 'idle' && (await isIdle()));
  const took = Date.now() - pressed;
  const text = await cell(i).locator(errorBox).last().innerText();
  if (!text.includes('KeyboardInterrupt')) throw new Error(text);
  return `after ${took} ms`;
}

/**
 * Runs a cell that does not end, and stops it well inside its loop.
 * @param {Lab} lab
 * @param {number} i
 */
export async function runAndStop(lab, i) {
  await lab.start(i);
  await lab.until('the cell to run', async () => (await lab.model(i)).state === 'running' && !(await lab.isIdle())); // prettier-ignore
  await sleep(1500);
  return pressStop(lab, i);
}

/**
 * Moves the mouse over a figure until plotly shows a label; what the label says.
 * @param {Lab} lab
 * @param {number} i
 */
export async function hover({ page, outputs, scrollTo, until }, i) {
  await scrollTo(i);
  const shown = outputs(i).locator('.main-svg, img').first(); // plotly draws in the picture's place when the mouse comes
  const place = async () => {
    const box = await shown.boundingBox();
    if (!box) throw new Error('the figure has no place on the page');
    return box;
  };
  const picture = await place();
  await page.mouse.move(picture.x + picture.width / 2, picture.y + picture.height / 2);
  await outputs(i).locator('.nsewdrag').first().waitFor();
  const label = outputs(i).locator('.hovertext');
  let x = 0;
  await until('a hover label', async () => {
    const box = await place();
    x = (x + 0.083) % 1;
    await page.mouse.move(box.x + box.width * x, box.y + box.height * (0.3 + 0.4 * x));
    await sleep(100);
    return label.count();
  });
  return (await label.first().textContent()) ?? '';
}

/**
 * What Tab offers after a text.
 * @param {Lab} lab
 * @param {number} i
 * @param {string} text
 */
export async function complete({ page, write }, i, text) {
  await write(i, text);
  await page.keyboard.press('Tab');
  const items = page.locator('.jp-Completer:not(.lm-mod-hidden) .jp-Completer-item');
  await items.first().waitFor();
  return items.allInnerTexts();
}

/**
 * What Shift-Tab tells of a text.
 * @param {Lab} lab
 * @param {number} i
 * @param {string} text
 */
export async function inspect({ page, write }, i, text) {
  await write(i, text);
  await page.keyboard.press('Shift+Tab');
  await page.locator('.jp-Tooltip').first().waitFor();
  return page.locator('.jp-Tooltip').first().innerText();
}

/**
 * The least contrast of the words in a cell's outputs with what is behind them, as WCAG counts it.
 * @param {Lab} lab
 * @param {number} i
 */
export async function contrast({ scrollTo, outputs }, i) {
  await scrollTo(i);
  await outputs(i).first().waitFor();
  const ratios = await outputs(i).evaluateAll((areas) => {
    const numbers = (/** @type {string} */ colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
    const light = (/** @type {string} */ colour) =>
      numbers(colour)
        .slice(0, 3)
        .map((c) => c / 255)
        .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
        .reduce((sum, c, k) => sum + c * /** @type {number} */ ([0.2126, 0.7152, 0.0722][k]), 0);
    const behind = (/** @type {Element | null} */ element) => {
      for (let at = element; at; at = at.parentElement) {
        const { backgroundColor } = getComputedStyle(at);
        if ((numbers(backgroundColor)[3] ?? 1) > 0.5) return backgroundColor;
      }
      return 'rgb(255, 255, 255)';
    };
    const worded = areas
      .flatMap((area) => [area, ...area.querySelectorAll('*')])
      .filter((element) =>
        [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim()),
      )
      .filter((element) => !element.closest('svg'));
    return worded.map((element) => {
      const [a, b] = [light(getComputedStyle(element).color), light(behind(element))];
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    });
  });
  if (!ratios.length) throw new Error(`cell ${i} shows no words`);
  return Math.min(...ratios);
}
