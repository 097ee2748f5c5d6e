// Between named tensors and the kernel's arrays.
import * as tf from '@tensorflow/tfjs';
import { get, size } from '../params.js';
import type { LstmState } from '../optimizers/lstm.js';
import type { Params, Spec } from '../types.js';
import { block, weights, type Place } from './machine.js';
import { resident } from './resident.js';

/** A tensor's numbers for reading at once: where the backend is WebAssembly, its memory itself, without a copy. */
function peek(tensor: tf.Tensor): Float32Array {
  const backend = tf.backend() as {
    dataIdMap?: { has(id: object): boolean };
    typedArrayFromHeap?(tensor: tf.Tensor): Float32Array;
  };
  const inMemory = backend.typedArrayFromHeap && backend.dataIdMap?.has(tensor.dataId);
  return inMemory ? backend.typedArrayFromHeap!(tensor) : (tensor.dataSync() as Float32Array);
}

/** All coordinates as one array, in the order of the names. */
export function flat(params: Params, values = new Float32Array(size(params))): Float32Array {
  let offset = 0;
  for (const p of Object.values(params)) {
    values.set(peek(p), offset);
    offset += p.size;
  }
  return values;
}

/** The inverse of {@link flat}. The tensors may keep the array, which nobody changes afterwards. */
export function named(values: Float32Array, like: Params): Params {
  let offset = 0;
  return Object.fromEntries(
    Object.entries(like).map(([name, { shape, size }]) => [
      name,
      tf.tensor(values.subarray(offset, (offset += size)), shape),
    ]),
  );
}

/** Where the weights of each name stand in the kernel's φ, which has two features and two layers always. */
function places(units: number): [name: string, at: number][] {
  const sizes = {
    'lstm0/kernel': 4 * units * (2 + units),
    'lstm1/kernel': 8 * units ** 2,
    'lstm0/bias': 4 * units,
    'lstm1/bias': 4 * units,
    'linear/kernel': units,
    'linear/bias': 1,
  };
  let end = 0;
  return Object.entries(sizes).map(([name, size]) => [name, (end += size) - size]);
}

/** A kernel's row of the second feature, which only log and sign have: zeros that the weights of φ leave out. */
const surplus = (name: string, { preprocess, hidden }: Spec) =>
  name === 'lstm0/kernel' && preprocess.kind !== 'logSign' ? 4 * hidden[0]! : 0;

/** φ in the kernel's order. The kernel has no forget bias of its own. */
export function packed(spec: Spec, phi: Params): Float32Array {
  const units = spec.hidden[0]!;
  const all = new Float32Array(weights(units));
  for (const [name, at] of places(units)) {
    if (!(name in phi)) continue; // of a second layer
    const values = peek(get(phi, name));
    const gap = surplus(name, spec);
    all.set(values.subarray(0, gap), at);
    all.set(values.subarray(gap), at + 2 * gap);
    if (/^lstm.*bias$/.test(name)) for (let u = 2 * units; u < 3 * units; u++) all[at + u]! += 1;
  }
  return all;
}

/** The gradient with respect to φ, divided by `count`. */
export function unpacked(all: Float64Array, spec: Spec, phi: Params, count: number): Params {
  const at = Object.fromEntries(places(spec.hidden[0]!));
  return Object.fromEntries(
    Object.entries(phi).map(([name, { shape, size }]) => {
      const gap = surplus(name, spec);
      const from = at[name]!;
      const values = new Float32Array(size);
      values.set(all.subarray(from, from + gap));
      values.set(all.subarray(from + 2 * gap, from + gap + size), gap);
      return [name, tf.tensor(values.map((x) => x / count), shape)]; // prettier-ignore
    }),
  );
}

/**
 * Copies the k-th quarter of a block-wise state (h of both layers, then c of both) to or from [n, units]; a block has
 * `rows` rows of 64 coordinates.
 */
function copy(
  memory: Float32Array,
  rows: number,
  k: number,
  values: Float32Array,
  units: number,
  read: boolean,
) {
  const n = values.length / units;
  for (let first = 0; first < n; first += block) {
    const lanes = Math.min(block, n - first);
    for (let u = 0; u < units; u++) {
      const from = first * rows + (k * units + u) * block;
      let to = first * units + u;
      if (read) for (let i = from; i < from + lanes; i++, to += units) values[to] = memory[i]!;
      else for (let i = from; i < from + lanes; i++, to += units) memory[i] = values[to]!;
    }
  }
}

/** Sets the state before the first step; at the start of an episode that is zeros, which are quicker told than copied. */
export function writeState({ memory, rows }: Place, state: LstmState, units: number): void {
  const quarters = state.flatMap(({ h, c }, layer) => [
    [peek(h), layer] as const,
    [peek(c), 2 + layer] as const,
  ]);
  const fresh = quarters.every(([values]) => isZero(values));
  memory.fill(0, fresh ? 0 : memory.length - rows * block); // at least the padding, which a diverged run may have spoiled
  if (!fresh) for (const [values, k] of quarters) copy(memory, rows, k, values, units, false);
}

function isZero(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) return false;
  return true;
}

/** The state that lies in `place`, which may change before somebody reads it. */
export function stateIn(place: Place, n: number, hidden: readonly number[]): LstmState {
  const tensor = (k: number, units: number) =>
    resident([n, units], () => {
      const values = new Float32Array(n * units);
      copy(place.memory, place.rows, k, values, units, true);
      return values;
    });
  return hidden.map((units, layer) => ({ c: tensor(2 + layer, units), h: tensor(layer, units) }));
}
