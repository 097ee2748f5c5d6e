// One program of the bench: sets a job up, says ready, is timed for every line `go`; `out` asks for the numbers of the
// first run. node ours.cjs '{"job":"unroll","n":15910}'; engine and backend by L2L_ENGINE and
// L2L_BACKEND, recorded gradients in the folder BENCH_INPUTS, which inputs.cjs writes.
const { createInterface } = require('node:readline');

/** @param {object} message */
const send = (message) => process.stdout.write(JSON.stringify(message) + '\n');
const cpu = () => process.cpuUsage().user + process.cpuUsage().system;

/** Milliseconds that a measurement lasts at least, in as many runs as it takes: less depends on how the processor wakes up. The peers do the same. */
const least = 100;

/** @param {{ bare?: string }} spec `bare`: TensorFlow.js alone, without kernels of ours */
async function begin({ bare }) {
  const tf = require('@tensorflow/tfjs');
  const { ready } = require('learning-to-learn');
  if (!bare) return void (await ready());
  if (bare === 'wasm') require('@tensorflow/tfjs-backend-wasm');
  tf.enableProdMode();
  await tf.setBackend(bare);
}

void (async () => {
  const spec = JSON.parse(process.argv[2] ?? '{}');
  await begin(spec);
  const { jobs } = require('./jobs.cjs');
  const idle = process.memoryUsage.rss();
  const job = jobs[spec.job]?.(spec);
  if (!job) throw new Error(`no job '${spec.job}'; there are: ${Object.keys(jobs).join(', ')}`);
  const { run, result } = job;
  await run();
  send({ ready: true, first: performance.now() }); // since the process began
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === 'out') {
      send({ out: [...result()] });
      continue;
    }
    if (line !== 'go') break;
    const [t, c] = [performance.now(), cpu()];
    let runs = 0;
    do {
      await run();
      runs++;
    } while (performance.now() - t < least);
    const ms = (performance.now() - t) / runs;
    const memory = (process.resourceUsage().maxRSS * 1024 - idle) / 2 ** 20;
    send({ ms, cpu: (cpu() - c) / 1e3 / runs, memory });
  }
  process.exit(0);
})();
