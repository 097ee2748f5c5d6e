// Which machine computes, and what its memory still holds.
import type { LstmState } from '../optimizers/lstm.js';
import { size } from '../params.js';
import type { Params, Spec, State, Update } from '../types.js';
import { findMaker } from './choose.js';
import { packed, stateIn, writeState } from './layout.js';
import { roomForActivations, threadsFor } from './limits.js';
import type { Machine, Place, Plan } from './machine.js';
import { recent } from './recent.js';
import { settle } from './resident.js';

/** A network that the kernel computes: what it is, its weights. */
export type Network = NonNullable<Update['network']>;

/**
 * A machine, and the segment that it went through last, which its memory still holds: the recorded gradients, as
 * tensors and, where they came as such, as `rows` [n]; the states before and after it, and where the latter lies.
 */
export type Held = {
  machine: Machine;
  gradients?: readonly Params[];
  rows?: readonly Float32Array[] | undefined;
  phi?: Params;
  before?: LstmState | undefined;
  end?: LstmState | undefined;
  place?: Place;
};

/**
 * One machine for each size, kept for the next unroll: making its threads and memory costs more than a step. Parts of
 * an optimizer (see stepper.ts) have machines of their own, since they take turns within one unroll.
 */
const held = new Map<string, Map<string, Held>>();
const most = 4;

/** Whether the kernel computes this network: one or two equal layers, any of the library's preprocessings. */
function fits({ cell, hidden }: Spec): boolean {
  const [units = 0, second = units] = hidden;
  return cell === 'lstm' && hidden.length <= 2 && units > 0 && units % 4 === 0 && second === units;
}

/** How the machine for n coordinates and so many steps is to be built; `anew` as in {@link machineFor}. */
function planFor({ hidden, preprocess, scale }: Spec, n: number, steps: number, anew: boolean): Plan {
  const units = hidden[0]!;
  const store = !anew && 48 * units * n * steps < roomForActivations();
  const p = preprocess.kind === 'logSign' ? preprocess.p : 0;
  const threads = threadsFor(n);
  return { coordinates: n, steps, threads, units, layers: hidden.length as 1 | 2, store, scale, p };
}

/**
 * The machine for n coordinates and so many steps of a part; undefined where the plain path has to run.
 *
 * @param anew for a backward pass alone: block by block it goes forward too, and nothing has to leave the cache
 */
export function machineFor(
  { spec }: Network,
  n: number,
  steps: number,
  part: string,
  anew = false,
): Held | undefined {
  const maker = findMaker();
  if (!maker || steps < 1 || !fits(spec)) return undefined;
  const own = held.get(part) ?? new Map<string, Held>();
  held.set(part, own);
  return recent<Held>(
    own,
    keyOf(spec, n, steps, anew),
    most,
    () => ({ machine: maker.make(planFor(spec, n, steps, anew)) }),
    ({ machine, before, end }) => {
      settle([before, end] as State);
      machine.close();
    },
  );
}

function keyOf(spec: Spec, n: number, steps: number, anew: boolean): string {
  const maker = findMaker();
  return JSON.stringify([maker?.name, maker?.isa, n, steps, spec, anew]);
}

/** The machine of a part that still holds what it needs for the meta-gradient of these recorded gradients. */
export function machineHolding({ spec, phi }: Network, grads: readonly Params[], part: string) {
  const now = held.get(part)?.get(keyOf(spec, size(grads[0]!), grads.length - 1, false));
  const same =
    now?.gradients?.length === grads.length &&
    sameTensors(now.phi ?? {}, phi) &&
    grads.every((g, s) => sameTensors(g, now.gradients![s]!));
  return same ? now : undefined;
}

/** Of a part, the same tensors come in a new object every time. */
function sameTensors(a: Params, b: Params): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

/** Sets φ and the state before the first step. */
export function begin(now: Held, { spec, phi }: Network, state: LstmState): void {
  const { machine, before, end } = now;
  const goesOn = end === state;
  settle((goesOn ? before : [before, end]) as State);
  machine.parameters.set(packed(spec, phi));
  machine.run('pack', 0);
  if (goesOn) {
    machine.run('carry', 0);
    Object.assign(now.place!, machine.first);
  } else writeState(machine.first, state, spec.hidden[0]!);
  now.before = goesOn ? end : undefined;
  now.end = undefined;
  delete now.gradients; // what the memory held is gone
}

/** Sets the gradient of a step. */
export function record(
  { machine: { gradients, padded } }: Held,
  { spec: { preprocess } }: Network,
  gradient: Float32Array,
  step: number,
): void {
  const at = step * padded;
  gradients.set(gradient, at);
  if (preprocess.kind !== 'rescale') return;
  for (let i = at; i < at + gradient.length; i++) gradients[i]! *= preprocess.factor;
}

/** One step; the updates are a view of the machine's memory. */
export function forward(now: Held, network: Network, gradient: Float32Array, step: number): Float32Array {
  record(now, network, gradient, step);
  const { machine } = now;
  machine.run('forward', step);
  return machine.updates.subarray(step * machine.padded, step * machine.padded + gradient.length);
}

/** The state after the segment, and a note that the machine still holds it. */
export function keep(
  now: Held,
  { spec, phi }: Network,
  grads: readonly Params[],
  rows?: readonly Float32Array[],
): LstmState {
  const place = { ...now.machine.last };
  const end = stateIn(place, size(grads[0]!), spec.hidden);
  Object.assign(now, { gradients: grads, rows, phi, end, place });
  return end;
}
