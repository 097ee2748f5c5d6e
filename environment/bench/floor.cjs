// The multiply-adds that all threads together do a second, which nothing can exceed: node floor.cjs '{"threads":2}', the
// kernel by L2L_ENGINE. Same protocol as ours.cjs; `operations` says how many it did in a repeat.
const { createInterface } = require('node:readline');
const { Worker, isMainThread, workerData } = require('node:worker_threads');
const { join } = require('node:path');

const rounds = 10_000_000;
const { findMaker } = require(join(__dirname, '../../lib/dist/engine/choose.js'));
const maker = findMaker();
if (!maker) throw new Error('no kernel to measure');

/** Int32: [0] number of the repeat, [1] threads that have done it. */
const board = new Int32Array(isMainThread ? new SharedArrayBuffer(8) : workerData.shared);
if (isMainThread) void main(JSON.parse(process.argv[2] ?? '{}'));
else {
  maker.fma(1000);
  for (let repeat = 1; ; repeat++) {
    while (Atomics.load(board, 0) < repeat) Atomics.wait(board, 0, repeat - 1);
    maker.fma(rounds);
    Atomics.add(board, 1, 1);
  }
}

/** @param {{ threads: number }} spec */
async function main({ threads }) {
  const others = Array.from(
    { length: threads - 1 },
    () => new Worker(__filename, { workerData: { shared: board.buffer } }),
  );
  await Promise.all(others.map((worker) => new Promise((resolve) => worker.once('online', resolve))));
  const run = () => {
    Atomics.store(board, 1, 0);
    Atomics.add(board, 0, 1);
    Atomics.notify(board, 0);
    const operations = maker.fma(rounds);
    while (Atomics.load(board, 1) < others.length);
    return operations * threads;
  };
  run();
  run();
  process.stdout.write(JSON.stringify({ ready: true, first: performance.now() }) + '\n');
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === 'out') {
      process.stdout.write(JSON.stringify({ out: [run()] }) + '\n');
      continue;
    }
    if (line !== 'go') break;
    for (let i = 0; i < 3; i++) run(); // until the threads are awake and on cores of their own
    const t = performance.now();
    run();
    process.stdout.write(JSON.stringify({ ms: performance.now() - t, cpu: 0, memory: 0 }) + '\n');
  }
  process.exit(0);
}
