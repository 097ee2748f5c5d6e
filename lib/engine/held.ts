// Which machine computes, and what its memory still holds.
import type { LstmState } from '../optimizers/lstm.js';
import type { Optimizer, Params, Spec } from '../types.js';
import { findMaker } from './choose.js';
import { packed, writeState } from './layout.js';
import { roomForActivations, threadsFor } from './limits.js';
import type { Machine, Plan } from './machine.js';

/** A network that the kernel computes: what it is, its weights. */
export type Network = NonNullable<Optimizer['network']>;

/**
 * A machine, and the segment that it went through last, which its memory still holds: the recorded gradients, as
 * tensors and, where they came as such, as `rows` [n]; the state after it.
 */
export type Held = {
  machine: Machine;
  gradients?: readonly Params[];
  rows?: readonly Float32Array[] | undefined;
  phi?: Params;
  end?: LstmState;
};

/** One machine for each size, kept for the next unroll: making its threads and memory costs more than a step. */
const held = new Map<string, Held>();
const most = 4;

/** Whether the kernel computes this network: one or two equal layers, any of the library's preprocessings. */
function fits({ cell, hidden }: Spec): boolean {
  const [units = 0, second = units] = hidden;
  return cell === 'lstm' && hidden.length <= 2 && units > 0 && units % 4 === 0 && second === units;
}

/** How the machine for n coordinates and so many steps is to be built. */
function planFor({ hidden, preprocess, scale }: Spec, n: number, steps: number): Plan {
  const units = hidden[0]!;
  const store = 48 * units * n * steps < roomForActivations();
  const p = preprocess.kind === 'logSign' ? preprocess.p : 0;
  const threads = threadsFor(n);
  return { coordinates: n, steps, threads, units, layers: hidden.length as 1 | 2, store, scale, p };
}

/** The machine for n coordinates and so many steps; undefined where the plain path has to run. */
export function machineFor({ spec }: Network, n: number, steps: number): Held | undefined {
  const maker = findMaker();
  if (!maker || steps < 1 || !fits(spec)) return undefined;
  const key = JSON.stringify([maker.name, maker.isa, n, steps, spec]);
  const found = held.get(key);
  held.delete(key);
  const now = found ?? { machine: maker.make(planFor(spec, n, steps)) };
  held.set(key, now);
  const [oldest] = held.keys();
  if (held.size > most && oldest) {
    held.get(oldest)!.machine.close();
    held.delete(oldest);
  }
  return now;
}

/** Sets φ and the state before the first step. */
export function begin(now: Held, { spec, phi }: Network, state: LstmState): void {
  now.machine.parameters.set(packed(spec, phi));
  now.machine.run('pack', 0);
  if (now.end === state) now.machine.run('carry', 0);
  else writeState(now.machine, state, spec.hidden[0]!);
  delete now.gradients; // what the memory held is gone
  delete now.end;
}
