// npm run bench [-- --peers] [--setup-peers] [--only unroll,mnist] [--from reproduced/bench.json] [--figure]
// Our engine in every form beside TensorFlow.js, and with --peers beside PyTorch and JAX: ratios of neighbours in time.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { root, run, setUp } from './setup.mjs';

const file = join(root, 'reproduced', 'bench.json');
const picture = join(root, 'data', 'figures', 'bench.png');

/**
 * Progress goes to the terminal's error stream, in one line where there is a terminal.
 * @param {string} text
 */
function say(text) {
  const { isTTY } = process.stderr;
  process.stderr.write(isTTY ? `\r\x1b[K${text.slice(0, 110)}` : `${text}\n`);
}

function machine() {
  /** @type {typeof import('@tensorflow/tfjs')} */
  const tf = createRequire(import.meta.url)('@tensorflow/tfjs');
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    system: `${process.platform}-${process.arch}`,
    node: process.versions.node,
    'TensorFlow.js': tf.version.tfjs,
    'load at the start': Math.round(10 * (loadavg()[0] ?? 0)) / 10,
    date: new Date().toISOString().slice(0, 10),
  };
}

/** @param {{ peers: boolean, only: string[] | undefined }} options */
async function measure({ peers, only }) {
  const programs = await import('./bench/programs.mjs');
  const { sideBySide } = await import('./bench/driver.mjs');
  const { compareWithFloat64 } = await import('./bench/check.mjs');
  if (peers && !programs.havePeers()) {
    throw new Error('the peers are not installed: npm run bench -- --setup-peers (Python 3.11 or newer)');
  }
  const all = programs.groups(peers);
  const unknown = only?.find((name) => !(name in all));
  if (unknown) throw new Error(`no group '${unknown}'; there are: ${Object.keys(all).join(', ')}`);
  say('writing the inputs');
  programs.writeInputs();
  /** @type {import('./bench/report.mjs').Results} */
  const results = { machine: machine(), titles: {}, groups: {} };
  const wanted = Object.entries(all).filter(([name]) => !only || only.includes(name));
  const began = Date.now();
  for (const [i, [name, { title, rounds, programs }]] of wanted.entries()) {
    const tell = (/** @type {string} */ text) =>
      say(`${i + 1}/${wanted.length} ${name}, ${Math.round((Date.now() - began) / 1000)} s: ${text}`);
    const measured = await sideBySide(programs, rounds, tell);
    results.titles[name] = title;
    results.groups[name] = name === 'check' ? compareWithFloat64(measured) : measured;
    mkdirSync(join(root, 'reproduced'), { recursive: true });
    writeFileSync(file, JSON.stringify(results)); // what is measured is kept, should a later group fail
  }
  say('');
  return results;
}

await run(async () => {
  const { values } = parseArgs({
    options: {
      peers: { type: 'boolean' },
      'setup-peers': { type: 'boolean' },
      only: { type: 'string' },
      from: { type: 'string' },
      figure: { type: 'boolean' },
    },
  });
  await setUp();
  if (values['setup-peers']) {
    (await import('./bench/programs.mjs')).setUpPeers();
    return;
  }
  const { peers = false, only, from } = values;
  /** @type {import('./bench/report.mjs').Results} */
  const results = from
    ? JSON.parse(readFileSync(from, 'utf8'))
    : await measure({ peers, only: only?.split(',') });
  const { report } = await import('./bench/report.mjs');
  console.log(report(results));
  if (!from) console.log(`\nnumbers: ${file}`);
  if (values.figure) {
    const { draw } = await import('./bench/figure.mjs');
    mkdirSync(dirname(picture), { recursive: true });
    writeFileSync(picture, await draw(results));
    console.log(`figure: ${picture}`);
  }
});
