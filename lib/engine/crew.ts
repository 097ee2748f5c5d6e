import { Worker } from 'node:worker_threads';

/** What native/wasm.c exports. */
export type Exports = {
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

/** Pages of an instance's memory at first, and bytes of a thread's stack. */
export const firstPages = 17;
export const stack = 65536;

/** Rounds that a waiting thread spins before it sleeps. */
const spin = 20_000;

/** A compiled build, and whether its memory can be shared with threads. */
export type Build = { module: WebAssembly.Module; shared: boolean };

/** A build with memory of its own. */
export function instance({ module, shared }: Build) {
  const memory = new WebAssembly.Memory({ initial: firstPages, maximum: 65535, shared });
  return {
    memory,
    kernel: new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Exports,
  };
}

/** Threads for a kernel whose arrays end at `end`, with their stacks behind; `job` lets all of them do one operation. */
export function crew(
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
