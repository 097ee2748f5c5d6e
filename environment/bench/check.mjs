// Whether all compute the same gradient: each against double precision.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { reference, relativeError } from './float64.mjs';
import { inputs } from './programs.mjs';

const n = 1000;

/** @param {string} name */
function read(name) {
  const bytes = readFileSync(join(inputs, name));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}
const steps = (/** @type {Float32Array} */ all) =>
  Array.from({ length: 20 }, (_, t) => all.subarray(t * n, (t + 1) * n));

/**
 * Adds to each program the relative error of its gradient.
 * @param {import('./driver.mjs').Measured[]} measured
 */
export function compareWithFloat64(measured) {
  const exact = reference({
    phi: read('phi-2'),
    gradients: steps(read(`gradients-${n}`)),
    ahead: steps(read(`ahead-${n}`)),
    hidden: 20,
    p: 10,
    scale: 0.1,
  });
  return measured.map(({ out, ...rest }) => ({ ...rest, error: out && relativeError(out, exact) }));
}
