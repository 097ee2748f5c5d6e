// A student's notebook of their own: loops that do not end, an error, completion, inspection.
import { complete, inspect, runAndStop } from './gestures.mjs';
import { notebookOf } from './made.mjs';

export const ownNotebook = notebookOf(
  'import * as tf from "@tensorflow/tfjs";\nimport { adam, lstm, metaTrain, progress, quadratic, ready } from "learning-to-learn";\nawait ready();\nlet n = 0, m = 0;',
  'const a = tf.ones([64, 64]);\nwhile (true) { tf.tidy(() => a.matMul(a).sum().dataSync()); n++; }',
  'while (true) { m++; await new Promise(r => setTimeout(r, 10)); }',
  'await null;\nwhile (true) { tf.tidy(() => a.matMul(a).sum().dataSync()); n++; }',
  'const train = (episodes: number) => metaTrain(lstm({ hidden: [20, 20] }), quadratic({ batch: 8 }), { episodes, outer: () => adam({ lr: 0.01 }), onProgress: progress("training") });\nawait train(100000)',
  'const some = await train(2);\nconsole.log("state kept", n > 0, m > 0, "trained", some.losses.length)',
  'function fail(steps: number) {\n  if (steps > 100) throw new Error("too many steps: " + steps);\n}\nfail(500)',
  '',
);
const loops = /** @type {const} */ ([
  [1, 'a synchronous loop'],
  [2, 'an asynchronous loop'],
  [3, 'a busy loop after an await'],
  [4, 'a training'],
]);

/**
 * @param {import('./browser.mjs').Lab} lab
 * @param {{ check: import('./walk.mjs').Check, shot: (name: string) => Promise<unknown> }} reporting
 * @param {string} name of the notebook
 */
export async function walkOwn(lab, { check, shot }, name) {
  await check('a notebook of one’s own opens', () => lab.open(name));
  await check('its imports run', () => lab.runCell(0).then(() => ''));
  for (const [i, what] of loops) await check(`the stop button stops ${what}`, () => runAndStop(lab, i));
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
    const items = await complete(lab, 7, 'tf.train.ada');
    await shot('completion');
    await lab.page.keyboard.press('Escape');
    if (!items.some((item) => item.includes('adam'))) throw new Error(items.join());
  });
  await check('Shift-Tab shows the signature', async () => {
    const text = await inspect(lab, 7, 'tf.train.adam(');
    await shot('inspection');
    if (!text.includes('learningRate')) throw new Error(text);
  });
}
