// npm run train -- <experiment> [--resume] [--seed n] [--episodes n]
// Meta-trains an experiment's optimizer and keeps the φ that is best on validation.
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { run, setUp } from './setup.mjs';

/** @param {string | undefined} text @param {string} option */
function whole(text, option) {
  if (text === undefined) return {};
  if (/^\d+$/.test(text) && Number(text) > 0) return { [option]: Number(text) };
  throw new Error(`--${option} must be a whole number from 1 up, got '${text}'`);
}

await run(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { resume: { type: 'boolean' }, seed: { type: 'string' }, episodes: { type: 'string' } },
  });
  const [name] = positionals;
  const numbers = { ...whole(values.seed, 'seed'), ...whole(values.episodes, 'episodes') };
  await setUp();
  /** @type {typeof import('learning-to-learn')} */
  const library = createRequire(import.meta.url)('learning-to-learn');
  const { experiment, progress, ready, streamExperiments, trainExperiment, trainStreams } = library;
  const streams = Object.entries(streamExperiments).find(([known]) => known === name)?.[1];
  if (!streams) experiment(name ?? ''); // throws where it is unknown, listing the known ones
  console.error((await ready()).line);

  const command = ['npm run train --', ...process.argv.slice(2).filter((word) => word !== '--resume')].join(
    ' ',
  );
  const stop = new AbortController();
  process.once('SIGINT', () =>
    stop.abort(new Error(`stopped; the state is saved. Go on with: ${command} --resume`)),
  );
  const onProgress = progress(`training ${name}`);
  const options = {
    resume: values.resume ?? false,
    ...numbers,
    command,
    signal: stop.signal,
    onProgress,
  };
  const path = await (streams ? trainStreams(streams, options) : trainExperiment(String(name), options));
  console.log(`φ: ${path}`);
});
