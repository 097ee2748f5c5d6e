// A worker of `npm run sweep`: computes the jobs whose numbers it is sent, on one thread.
const { limitThreads, ready, sweep } = require('learning-to-learn');

const [name = '', split = ''] = process.argv.slice(2);

limitThreads(1);
process.on('disconnect', () => process.exit());
process.on('message', async (/** @type {{ stage: number, index: number }} */ { stage, index }) => {
  try {
    await ready();
    const job = sweep(name, /** @type {never} */ (split))[stage]?.()[index];
    await job?.run({ onProgress: told() });
    process.send?.({});
  } catch (error) {
    process.send?.({ error: error instanceof Error ? error.message : String(error) });
  }
});

/** Tells how much is done of a job, 0 to 1, or of what an earlier try has left of it; once a second at most. */
function told() {
  let last = 0;
  /** @type {number | undefined} */ let begun;
  return (/** @type {import('learning-to-learn').Progress} */ { done, total }) => {
    begun ??= done - 1;
    if (Date.now() - last < 1000) return;
    last = Date.now();
    process.send?.({ part: Math.min(Math.max((done - begun) / (total - begun), 0), 1) });
  };
}
