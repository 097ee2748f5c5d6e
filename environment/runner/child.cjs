'use strict';
// Runs the cells of one notebook, sent by the parent, in its folder; reports each. One process a notebook.
const { createEngine } = require('./tslab.cjs');

process.once('message', async (/** @type {{ sources: (string | null)[] }} */ { sources }) => {
  const engine = createEngine();
  const send = (/** @type {object} */ message) =>
    new Promise((sent) => /** @type {NonNullable<typeof process.send>} */ (process.send)(message, sent));
  for (const [index, source] of sources.entries()) {
    if (source === null) continue;
    await send({ started: index });
    const { outputs, failed } = await engine.run(source);
    await send({ finished: index, outputs, failed });
    if (failed) break;
  }
  await send({ done: true });
  process.exit(0);
});
