import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Maker } from './machine.js';
import { loadNative } from './native.js';
import { loadWasm } from './wasm.js';

const known = ['native', 'wasm', 'plain'];
const makers = new Map<string, Maker | null>();

/**
 * The fastest maker that loads here; null for the plain path. `L2L_ENGINE` (native, wasm or plain) forces one, and
 * after a colon which of its kernels, as in `native:avx2` and `wasm:simd`. Each is loaded once.
 *
 * @throws where `L2L_ENGINE` names none of them, or one that does not load
 */
export function findMaker(forced = process.env.L2L_ENGINE ?? ''): Maker | null {
  const found = makers.get(forced);
  if (found !== undefined) return found;
  const maker = forced ? load(forced) : (loadNative(false) ?? loadWasm() ?? null);
  makers.set(forced, maker);
  return maker;
}

function load(forced: string): Maker | null {
  const [name = '', isa] = forced.split(':');
  if (!known.includes(name)) {
    throw new Error(`unknown L2L_ENGINE '${forced}'; there are: ${known.join(', ')}`);
  }
  if (name === 'plain') return null;
  const maker = name === 'native' ? loadNative(true, isa) : loadWasm(isa);
  if (maker) return maker;
  throw new Error(
    `L2L_ENGINE=${forced} does not load here: unset it, or take another of ${known.join(', ')}`,
  );
}

/** Which kernel computes the LSTM, in words. */
export function kernelName(): string {
  const maker = findMaker();
  return maker ? `${maker.name} (${maker.isa})` : 'TensorFlow.js';
}

/** The same, and which build of it: the beginning of its line in `prebuilt/SHA256SUMS`. Another build may round otherwise. */
export function kernelBuild(): string {
  const maker = findMaker();
  if (!maker) return kernelName();
  const hash = createHash('sha256').update(readFileSync(maker.file)).digest('hex');
  return `${kernelName()}, build ${hash.slice(0, 8)}`;
}
