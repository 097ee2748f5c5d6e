import * as tf from '@tensorflow/tfjs';
import { get, ravel, size, tidy, unravel } from '../params.js';
import type { Optimizer, Params, Spec } from '../types.js';
import type { LstmState } from '../optimizers/lstm.js';
import { gradientsAhead, type Objective, type Position, type Segment } from '../unroll.js';
import { findMaker } from './choose.js';
import { block, stateRows, type Machine, type Plan } from './machine.js';
import { roomFor, threadsFor } from './limits.js';

/** A network that the kernel computes: what it is, its weights. */
type Network = NonNullable<Optimizer['network']>;

/** A machine, and the segment that it went through last, which its memory still holds: from its start to `end`. */
type Held = { machine: Machine; gradients?: readonly Params[]; phi?: Params; end?: LstmState };

/** One machine for each size, kept for the next unroll: making its threads and memory costs more than a step. */
const held = new Map<string, Held>();
const most = 4;

/** Whether the kernel computes this network: one or two equal layers, any of the library's preprocessings. */
function fits({ cell, hidden }: Spec): boolean {
  const [units = 0, second = units] = hidden;
  return cell === 'lstm' && hidden.length <= 2 && units > 0 && units % 4 === 0 && second === units;
}

/** How the machine for n coordinates and so many steps is to be built. */
function planFor({ hidden, preprocess, scale }: Spec, isa: string, n: number, steps: number): Plan {
  const units = hidden[0]!;
  // AVX-512 computes activations again faster than memory returns them; others store them while there is room.
  const store = 48 * units * n * steps < roomFor(isa);
  const p = preprocess.kind === 'logSign' ? preprocess.p : 0;
  const threads = threadsFor(n);
  return { coordinates: n, steps, threads, units, layers: hidden.length as 1 | 2, store, scale, p };
}

/** The machine for n coordinates and so many steps; undefined where the plain path has to run. */
function machineFor({ spec }: Network, n: number, steps: number): Held | undefined {
  const maker = findMaker();
  if (!maker || steps < 1 || !fits(spec)) return undefined;
  const key = JSON.stringify([maker.isa, n, steps, spec]);
  const found = held.get(key);
  held.delete(key);
  const now = found ?? { machine: maker.make(planFor(spec, maker.isa, n, steps)) };
  held.set(key, now);
  const [oldest] = held.keys();
  if (held.size > most && oldest) {
    held.get(oldest)!.machine.close();
    held.delete(oldest);
  }
  return now;
}

/**
 * The optimizer as `unroll` calls it, for one segment of `steps` steps: its state stays in the machine until `end`.
 * Undefined where the plain path has to run.
 */
export function fusedSegment(optimizer: Optimizer, from: Position, steps: number) {
  const network = optimizer.network;
  const now = network && machineFor(network, size(from.theta), steps);
  if (!now) return undefined;
  const { machine } = now;
  begin(now, network, from.state as LstmState);
  let step = 0;
  const update: Optimizer['update'] = (grads, state) => {
    const updates = tf.tensor1d(forward(machine, seen(network, grads), step++));
    return [unravel(updates, grads), state];
  };
  const finish = (segment: Segment): Segment => {
    const state = readState(machine, size(from.theta), network.spec.hidden);
    Object.assign(now, { gradients: segment.grads, phi: network.phi, end: state });
    return { ...segment, end: { ...segment.end, state } };
  };
  return { optimizer: { init: optimizer.init, update }, finish };
}

/** `metaGrad` of a whole segment on the machine; undefined where the plain path has to run. */
export function fusedMetaGrad(
  optimizer: Optimizer,
  from: Position,
  { grads, count }: Segment,
  objective?: Objective,
): Params | undefined {
  const network = optimizer.network;
  const steps = grads.length - 1;
  const now = network && machineFor(network, size(grads[0]!), steps);
  if (!now) return undefined;
  const { machine } = now;
  return tidy(() => {
    if (now.gradients !== grads || now.phi !== network.phi) {
      begin(now, network, from.state as LstmState);
      for (let s = 0; s < steps; s++) forward(machine, seen(network, grads[s]!), s);
    }
    gradientsAhead(grads, objective).forEach((ahead, s) =>
      machine.cotangents.set(ahead.dataSync(), s * machine.padded),
    );
    machine.run('backward', 0);
    machine.run('reduce', 0);
    return unpacked(machine.parameterGradients, network, count);
  });
}

function begin(now: Held, { spec, phi }: Network, state: LstmState): void {
  now.machine.parameters.set(packed(spec, phi));
  now.machine.run('pack', 0);
  if (now.end === state) now.machine.run('carry', 0);
  else writeState(now.machine, state, spec.hidden[0]!);
  delete now.gradients; // what the memory held is gone
  delete now.end;
}

/** The gradient as the kernel reads it, [n]. */
function seen({ spec: { preprocess } }: Network, grads: Params): Float32Array {
  const values = ravel(grads).dataSync() as Float32Array;
  return preprocess.kind === 'rescale' ? values.map((x) => x * preprocess.factor) : values;
}

function forward(
  { gradients, updates, padded, run }: Machine,
  gradient: Float32Array,
  step: number,
): Float32Array {
  gradients.set(gradient, step * padded);
  run('forward', step);
  return updates.slice(step * padded, step * padded + gradient.length);
}

const names = ['lstm0/kernel', 'lstm1/kernel', 'lstm0/bias', 'lstm1/bias', 'linear/kernel', 'linear/bias'];

/** Weights of a second layer that is not there. */
const missing = (name: string, units: number) => (name.endsWith('kernel') ? 8 * units ** 2 : 4 * units);

/** φ in the kernel's order. It has two features and two layers always, and no forget bias of its own. */
function packed({ preprocess, hidden }: Spec, phi: Params): Float32Array {
  const units = hidden[0]!;
  return tidy(() => {
    const forget = tf
      .oneHot(tf.tensor1d([2], 'int32'), 4)
      .reshape([4, 1])
      .tile([1, units])
      .reshape<tf.Tensor1D>([-1]);
    const parts = names.map((name) => {
      if (hidden.length === 1 && name.startsWith('lstm1'))
        return tf.zeros<tf.Rank.R1>([missing(name, units)]);
      const p = get(phi, name);
      if (name === 'lstm0/kernel' && preprocess.kind !== 'logSign') {
        return tf.concat([p.slice(0, 1), tf.zeros([1, 4 * units]), p.slice(1)]).as1D();
      }
      return /^lstm.*bias$/.test(name) ? p.add(forget).as1D() : p.as1D();
    });
    return tf.concat1d(parts).dataSync() as Float32Array;
  });
}

function unpacked(all: Float64Array, { spec, phi }: Network, count: number): Params {
  const units = spec.hidden[0]!;
  const values = tf.tensor1d(Float32Array.from(all, (x) => x / count));
  let offset = 0;
  const parts = names.flatMap((name): [string, tf.Tensor][] => {
    if (spec.hidden.length === 1 && name.startsWith('lstm1')) {
      offset += missing(name, units);
      return [];
    }
    const p = get(phi, name);
    const surplus = name === 'lstm0/kernel' && spec.preprocess.kind !== 'logSign' ? 4 * units : 0;
    const piece = values.slice(offset, p.size + surplus);
    offset += p.size + surplus;
    // The row of the missing feature is the second.
    const kept = surplus ? tf.concat([piece.slice(0, surplus), piece.slice(2 * surplus)]) : piece;
    return [[name, kept.reshape(p.shape)]];
  });
  const byName = Object.fromEntries(parts);
  return Object.fromEntries(Object.keys(phi).map((name) => [name, byName[name]!]));
}

/**
 * Calls `row` for every row of the k-th quarter of the state (h of both layers, then c of both), block by block of
 * `rows` rows: unit u of `count` coordinates from `first` on stands at `at`, `at + 1`, …
 */
function eachRow(
  n: number,
  units: number,
  k: number,
  rows: number,
  row: (at: number, u: number, first: number, count: number) => void,
): void {
  for (let first = 0; first < n; first += block) {
    const at = first * rows + k * units * block;
    for (let u = 0; u < units; u++) row(at + u * block, u, first, Math.min(block, n - first));
  }
}

function writeState({ state: memory }: Machine, state: LstmState, units: number): void {
  memory.fill(0, memory.length - stateRows(units) * block); // the padding, which a diverged run may have spoiled
  const write = (tensor: tf.Tensor, k: number) => {
    const values = tensor.dataSync();
    eachRow(values.length / units, units, k, stateRows(units), (at, u, first, count) => {
      for (let i = 0; i < count; i++) memory[at + i] = values[(first + i) * units + u]!;
    });
  };
  state.forEach(({ h, c }, layer) => [write(h, layer), write(c, 2 + layer)]);
}

/** The state after the last step. */
function readState({ last: { memory, rows } }: Machine, n: number, hidden: readonly number[]): LstmState {
  const read = (k: number, units: number) => {
    const values = new Float32Array(n * units);
    eachRow(n, units, k, rows, (at, u, first, count) => {
      for (let i = 0; i < count; i++) values[(first + i) * units + u] = memory[at + i]!;
    });
    return tf.tensor2d(values, [n, units]);
  };
  return hidden.map((units, layer) => ({ h: read(layer, units), c: read(2 + layer, units) }));
}
