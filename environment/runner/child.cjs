'use strict';
// Runs the cells of one notebook, sent by the parent, in its folder; reports each. One process a notebook.

/** @typedef {{ run(source: string): Promise<{ outputs: object[], failed: boolean }> }} Engine */

/** @type {{ [name: string]: () => Engine }} */
const engines = {
  kernel: () => require('../kernel/dist/headless.js').createHeadless(),
  stock: () => require('./tslab.cjs').createEngine(),
};

process.once('message', async (/** @type {{ engine: string, sources: (string | null)[] }} */ message) => {
  const engine = /** @type {() => Engine} */ (engines[message.engine])();
  const send = (/** @type {object} */ report) =>
    new Promise((sent) => /** @type {NonNullable<typeof process.send>} */ (process.send)(report, sent));
  for (const [index, source] of message.sources.entries()) {
    if (source === null) continue;
    await send({ started: index });
    const { outputs, failed } = await engine.run(source);
    await send({ finished: index, outputs, failed });
    if (failed) break;
  }
  await send({ done: true });
  process.exit(0);
});
