// npm run features [-- --resume] [-- --epochs n] [-- --lr x] [-- --decay x] [-- --seed n]
// Trains the feature network of neural art on CIFAR-10; other settings than its own are measured on batch 5 alone.
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { run, setUp } from './setup.mjs';

/** @param {{ [option: string]: string | undefined }} texts */
function numbers(texts) {
  const given = Object.entries(texts).filter((pair) => pair[1] !== undefined);
  const bad = given.find(([, text]) => !(Number(text) >= 0) || text === '');
  if (bad) throw new Error(`--${bad[0]} must be a number from 0 up, got '${bad[1]}'`);
  return Object.fromEntries(given.map(([option, text]) => [option, Number(text)]));
}

await run(async () => {
  const { values } = parseArgs({
    options: {
      resume: { type: 'boolean' },
      epochs: { type: 'string' },
      lr: { type: 'string' },
      decay: { type: 'string' },
      seed: { type: 'string' },
    },
  });
  const { resume = false, ...texts } = values;
  const other = numbers(texts);
  await setUp();
  /** @type {typeof import('learning-to-learn')} */
  const library = createRequire(import.meta.url)('learning-to-learn');
  const { cifar10, makeSmallVgg, progress, ready, smallVggSettings } = library;
  const data = cifar10();
  console.error((await ready()).line);

  const words = process.argv.slice(2).filter((word) => word !== '--resume');
  const command = ['npm run features', ...(words.length ? ['--', ...words] : [])].join(' ');
  const again = `npm run features -- ${[...words, '--resume'].join(' ')}`;
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort(new Error(`stopped; the state is saved. Go on with: ${again}`)));
  const settings = { ...smallVggSettings, ...other };
  const changed = Object.keys(other).length > 0;
  const { path, metadata } = await makeSmallVgg(data, settings, {
    ...{ resume, command, progress, signal: stop.signal },
    measure: changed ? ['validation'] : ['validation', 'test'],
  });
  for (const [split, share] of Object.entries(metadata.accuracies ?? {}))
    console.log(`accuracy, ${split}: ${(100 * share).toFixed(2)} %`);
  console.log(`features: ${path}`);
});
