import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import {
  operations,
  sizeOf,
  tooLarge,
  views,
  type Machine,
  type Maker,
  type Operation,
  type Plan,
} from './machine.js';
import { prebuilt } from './prebuilt.js';

type Exports = {
  __stack_pointer: { value: number };
  layout(
    n: number,
    t: number,
    store: number,
    threads: number,
    units: number,
    layers: number,
    scale: number,
    p: number,
    edge: number,
  ): number;
  field(index: number): number;
  chunks(): number;
  control(): number;
  one(operation: number): void;
  post(operation: number, step: number): void;
  work(thread: number): number;
  heap(): number;
  mlp(at: number): void;
  network_sizes(): number;
  network(threads: number, epsilon: number, place: number): number;
  network_field(index: number): number;
  network_steps(): number;
  network_one(step: number): void;
  fma(rounds: number): number;
  lanes(): number;
};

const builds = ['relaxed', 'simd', 'single'];
const page = 65536;
const stack = 65536;
const firstPages = 17;

/** Milliseconds in which some thread finishes a piece of work, be the machine ever so busy. */
const patience = 60_000;

/** Rounds that a waiting thread spins before it sleeps. */
const spin = 20_000;

/** A compiled build, and whether its memory can be shared with threads. */
type Build = { module: WebAssembly.Module; shared: boolean };

/**
 * The kernels in WebAssembly with worker threads on shared memory, or with one thread where there is no such memory;
 * undefined where no build runs.
 *
 * @param build relaxed (fused multiply-adds), simd or single; without it the fastest that runs
 * @param dead milliseconds without any progress after which a thread counts as dead
 */
export function loadWasm(build?: string, dead = patience): Maker | undefined {
  // Node 20 has relaxed SIMD (fused multiply-add) behind a flag, which later ones do not know.
  if (process.versions.node.startsWith('20.')) setFlagsFromString('--experimental-wasm-relaxed-simd');
  const threaded = typeof SharedArrayBuffer !== 'undefined';
  for (const name of build ? [build] : threaded ? ['relaxed', 'simd'] : ['single']) {
    if (!builds.includes(name)) return undefined;
    const bytes = readFileSync(prebuilt(`lstm-${name}.wasm`));
    if (!WebAssembly.validate(bytes)) continue;
    const made = { module: new WebAssembly.Module(bytes), shared: name !== 'single' };
    return {
      name: 'wasm',
      isa: name,
      make: (plan) => machine(made, made.shared ? plan : { ...plan, threads: 1 }, dead),
      classifier: (bytes) => classifier(made, bytes),
      network: (sizes, epsilon, threads) => network(made, sizes, epsilon, made.shared ? threads : 1, dead),
      fma(rounds) {
        const { kernel } = instance(made);
        kernel.fma(rounds);
        return 24 * rounds * kernel.lanes();
      },
    };
  }
  return undefined;
}

function classifier(build: Build, bytes: number) {
  const { memory, kernel } = instance(build);
  const offset = kernel.heap();
  memory.grow(Math.max(0, Math.ceil((offset + bytes) / page) - firstPages));
  return { memory: memory.buffer, offset, run: () => kernel.mlp(offset) };
}

function network(build: Build, sizes: readonly number[], epsilon: number, threads: number, dead: number) {
  const { memory, kernel } = instance(build);
  new Int32Array(memory.buffer, kernel.network_sizes(), sizes.length).set(sizes);
  const end = kernel.network(threads, epsilon, 0) >>> 0;
  memory.grow(Math.max(0, Math.ceil((end + stack * (threads - 1)) / page) - firstPages));
  kernel.network(threads, epsilon, 1);
  const { job, close } = crew(build, memory, kernel, end, threads, dead);
  const run = () => {
    const steps = kernel.network_steps();
    for (let step = 0; step < steps; step++) {
      kernel.network_one(step);
      job(operations.network, step);
    }
    kernel.network_one(steps);
  };
  const fields = [0, 1, 2, 3, 4].map((field) => kernel.network_field(field));
  return { memory: memory.buffer, fields, run, close };
}

function instance({ module, shared }: Build) {
  const memory = new WebAssembly.Memory({ initial: firstPages, maximum: 65535, shared });
  return {
    memory,
    kernel: new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Exports,
  };
}

function machine(build: Build, plan: Plan, dead: number): Machine {
  const { coordinates, steps, store, threads, units, layers, scale, p } = plan;
  const { memory, kernel } = instance(build);
  if (sizeOf(plan) > 2 ** 32 - 2 ** 26) throw tooLarge(plan, undefined);
  const end =
    kernel.layout(coordinates, steps, Number(store), threads, units, layers, scale, p, Math.exp(-p)) >>> 0;
  const bytes = end + stack * (threads - 1);
  try {
    memory.grow(Math.max(0, Math.ceil(bytes / page) - firstPages));
  } catch (error) {
    throw tooLarge(plan, error);
  }

  const { job, close } = crew(build, memory, kernel, end, threads, dead);
  const run = (operation: Operation, step: number) => {
    if (operation === 'pack' || operation === 'reduce') return kernel.one(operations[operation]);
    job(operations[operation], step);
  };
  return { ...views(memory.buffer, (field) => kernel.field(field), plan), run, close };
}

/** Threads for a kernel whose arrays end at `end`, with their stacks behind; `job` lets all of them do one operation. */
function crew(
  build: Build,
  memory: WebAssembly.Memory,
  kernel: Exports,
  end: number,
  threads: number,
  dead: number,
) {
  // Int32: [1] job number, [2] chunks done, [5] stop; see Board in native/lstm.h.
  const board = new Int32Array(memory.buffer, kernel.control(), 6);
  const workers = Array.from({ length: threads - 1 }, (_, i) => {
    const stackTop = (end + stack * (i + 1)) & ~15;
    const workerData = {
      module: build.module,
      memory,
      control: kernel.control(),
      stackTop,
      thread: i + 1,
      spin,
    };
    const worker = new Worker(threadSource, { eval: true, workerData });
    worker.unref();
    return worker;
  });

  const job = (operation: number, step: number) => {
    kernel.post(operation, step);
    if (workers.length) Atomics.notify(board, 1);
    kernel.work(0);
    for (let rounds = 0; ; rounds++) {
      const done = Atomics.load(board, 2);
      if (done >= kernel.chunks()) return;
      if (rounds > spin && Atomics.wait(board, 2, done, dead) === 'timed-out') {
        throw new Error('a thread of the engine died in its work: run again, or take L2L_ENGINE=plain');
      }
    }
  };
  const close = () => {
    board[5] = 1;
    Atomics.add(board, 1, 1);
    Atomics.notify(board, 1);
    for (const worker of workers) void worker.terminate();
  };
  return { job, close };
}

/** What a worker thread does: it waits for a job number that it has not seen, and takes chunks until none is left. */
const threadSource = `
const { module, memory, control, stackTop, thread, spin } = require('node:worker_threads').workerData;
const kernel = new WebAssembly.Instance(module, { env: { memory } }).exports;
kernel.__stack_pointer.value = stackTop;
const board = new Int32Array(memory.buffer, control, 6);
for (let seen = 0; ; ) {
  for (let rounds = 0; Atomics.load(board, 1) === seen; ) if (++rounds > spin) Atomics.wait(board, 1, seen);
  seen = Atomics.load(board, 1);
  if (board[5]) break;
  if (kernel.work(thread)) Atomics.notify(board, 2);
}`;
