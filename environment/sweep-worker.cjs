// A worker of `npm run sweep`: computes the jobs whose numbers it is sent, on one thread.
const { limitThreads, ready, sweep } = require('learning-to-learn');

const [name = '', split = ''] = process.argv.slice(2);

limitThreads(1);
process.on('disconnect', () => process.exit());
process.on('message', async (/** @type {{ stage: number, index: number }} */ { stage, index }) => {
  try {
    await ready();
    const job = sweep(name, /** @type {never} */ (split))[stage]?.()[index];
    await job?.run({});
    process.send?.({});
  } catch (error) {
    process.send?.({ error: error instanceof Error ? error.message : String(error) });
  }
});
