import { createRequire } from 'node:module';
import { operations, tooLarge, views, type Maker, type Plan } from './machine.js';
import { prebuilt } from './prebuilt.js';

type Handle = { memory: ArrayBuffer; fields: number[] };
type Addon = {
  /** Kernels that this processor runs, the best first. */
  isa: string[];
  create(...plan: number[]): Handle;
  run(handle: Handle, operation: number, step: number): void;
  close(handle: Handle): void;
  memory(bytes: number): { memory: ArrayBuffer; offset: number };
  fma(kernel: number, rounds: number): number;
  network(threads: number, spin: number, kernel: number, epsilon: number, sizes: readonly number[]): Handle;
  gradient(handle: Handle): void;
  mlp(kernel: number, memory: ArrayBuffer, offset: number): void;
};

/** Platforms on which the tests of the addon have run; elsewhere it is tried only when asked for. */
const tested = ['linux-x64'];

/** Rounds that a waiting thread spins before it sleeps: no gain beyond, and harm on a busy machine. */
const spin = 2000;

const fileFor = (platform: string) => prebuilt(`lstm-${platform}.node`);

/** The addon in a file; undefined where there is none or it does not load. */
function addonIn(file: string): Addon | undefined {
  try {
    return createRequire(__filename)(file) as Addon;
  } catch {
    return undefined;
  }
}

/** Kernels of the addon that this processor runs, the best first. */
export const nativeKernels = (): string[] => addonIn(fileFor(platform()))?.isa ?? [];

/**
 * The kernels as a native addon with a pool of C threads; undefined where it does not load.
 *
 * @param untested also on platforms where it was only built
 * @param isa takes this kernel instead of the best
 */
export function loadNative(untested: boolean, isa?: string): Maker | undefined {
  const here = platform(); // once: to ask for it costs milliseconds
  if (!untested && !tested.includes(here)) return undefined;
  const file = fileFor(here);
  const addon = addonIn(file);
  const kernel = isa ? (addon?.isa.indexOf(isa) ?? -1) : 0;
  const name = addon?.isa[kernel];
  if (!addon || !name) return undefined;
  const classifier = (bytes: number) => {
    const { memory, offset } = addon.memory(bytes);
    return { memory, offset, run: () => addon.mlp(kernel, memory, offset) };
  };
  return {
    name: 'native',
    isa: name,
    file,
    make: (plan) => machine(addon, kernel, plan),
    classifier,
    network(sizes, epsilon, threads) {
      const handle = addon.network(threads, spin, kernel, epsilon, sizes);
      const { memory, fields } = handle;
      return { memory, fields, run: () => addon.gradient(handle), close: () => addon.close(handle) };
    },
    fma: (rounds) => 24 * rounds * addon.fma(kernel, rounds),
  };
}

function machine(addon: Addon, kernel: number, plan: Plan) {
  const { coordinates, steps, store, threads, units, layers, scale, p } = plan;
  const size = [coordinates, steps, Number(store), threads, units, layers, spin, kernel];
  const handle = orThrow(plan, () => addon.create(...size, scale, p, Math.exp(-p)));
  return {
    ...views(handle.memory, (field) => handle.fields[field]!, plan),
    run: (operation: keyof typeof operations, step: number) => addon.run(handle, operations[operation], step),
    close: () => addon.close(handle),
  };
}

function orThrow<T>(plan: Plan, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw error instanceof RangeError ? tooLarge(plan, error) : error;
  }
}

const platform = () => `${process.platform}-${process.arch}${isMusl() ? '-musl' : ''}`;

/** Whether the C library is musl, for which there is a build of its own. */
function isMusl(): boolean {
  if (process.platform !== 'linux') return false;
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime === undefined;
}
