import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { crew, firstPages, instance, stack, type Build } from './crew.js';
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

const builds = ['relaxed', 'simd', 'single'];
const page = 65536;

/** Milliseconds in which some thread finishes a piece of work, be the machine ever so busy. */
const patience = 60_000;

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
    const file = prebuilt(`lstm-${name}.wasm`);
    const bytes = readFileSync(file);
    if (!WebAssembly.validate(bytes)) continue;
    const made = { module: new WebAssembly.Module(bytes), shared: name !== 'single' };
    return {
      name: 'wasm',
      isa: name,
      file,
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
