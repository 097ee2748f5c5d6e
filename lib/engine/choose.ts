import type { Maker } from './machine.js';
import { loadNative } from './native.js';
import { loadWasm } from './wasm.js';

const known = ['native', 'wasm', 'plain'];
let maker: Maker | null | undefined;

/**
 * The fastest maker that loads here, found once; null for the plain path. `L2L_ENGINE` (native, wasm or plain) forces
 * one.
 *
 * @throws where `L2L_ENGINE` names none of them, or one that does not load
 */
export function findMaker(forced = process.env.L2L_ENGINE): Maker | null {
  if (forced && !known.includes(forced)) {
    throw new Error(`unknown L2L_ENGINE '${forced}'; there are: ${known.join(', ')}`);
  }
  if (forced === 'plain') return null;
  if (forced) {
    const found = forced === 'native' ? loadNative(true) : loadWasm();
    if (!found)
      throw new Error(
        `L2L_ENGINE=${forced} does not load here: unset it, or take another of ${known.join(', ')}`,
      );
    return found;
  }
  return (maker ??= loadNative(false) ?? loadWasm() ?? null);
}

/** Which kernel computes the LSTM, in words. */
export function kernelName(): string {
  const maker = findMaker();
  return maker ? `${maker.name} (${maker.isa})` : 'TensorFlow.js';
}
