import * as tf from '@tensorflow/tfjs';
import { size, tidy } from '../params.js';
import type { Optimizee, Optimizer, Params } from '../types.js';
import type { LstmState } from '../optimizers/lstm.js';
import type { Objective, Position, Segment } from '../unroll.js';
import { begin, machineFor, type Held, type Network } from './held.js';
import { flat, named, readState, unpacked } from './layout.js';
import { lossOf } from './optimizee.js';

/**
 * `unroll` where the kernel knows the optimizer's network and f alike: nothing of TensorFlow.js between the steps.
 * Undefined where it does not.
 */
export function fusedUnroll(
  optimizer: Optimizer,
  f: Optimizee,
  from: Position,
  steps: number,
): Segment | undefined {
  const lossAndGradient = lossOf(f, from.theta);
  const network = optimizer.network;
  const now = lossAndGradient && network && machineFor(network, size(from.theta), steps);
  if (!now) return undefined;
  begin(now, network, from.state as LstmState);
  const theta = flat(from.theta);
  const losses: number[] = [];
  const rows: Float32Array[] = [];
  for (let s = 0; ; s++) {
    const { loss, gradient } = lossAndGradient(theta, from.t + s);
    losses.push(loss);
    rows.push(gradient);
    if (s === steps) break;
    const updates = forward(now, network, gradient, s);
    for (let i = 0; i < theta.length; i++) theta[i]! += updates[i]!;
  }
  const grads = rows.map((row) => named(row, from.theta));
  const end = { theta: named(theta, from.theta), state: keep(now, network, grads, rows), t: from.t + steps };
  return { losses: losses.map((loss) => tf.scalar(loss)), grads, end, count: f.count ?? 1 };
}

/**
 * The optimizer as `unroll` calls it, for one segment of `steps` steps: its state stays in the machine until `finish`.
 * Undefined where the plain path has to run.
 */
export function fusedSegment(optimizer: Optimizer, from: Position, steps: number) {
  const network = optimizer.network;
  const now = network && machineFor(network, size(from.theta), steps);
  if (!now) return undefined;
  begin(now, network, from.state as LstmState);
  let step = 0;
  const update: Optimizer['update'] = (grads, state) => [
    named(forward(now, network, flat(grads), step++).slice(), grads),
    state,
  ];
  const finish = (segment: Segment): Segment => ({
    ...segment,
    end: { ...segment.end, state: keep(now, network, segment.grads) },
  });
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
  return tidy(() => {
    const held = now.gradients === grads && now.phi === network.phi;
    const rows = (held && now.rows) || grads.map(flat);
    if (!held) {
      begin(now, network, from.state as LstmState);
      for (let s = 0; s < steps; s++) forward(now, network, rows[s]!, s);
    }
    setCotangents(now, rows, objective);
    now.machine.run('backward', 0);
    now.machine.run('reduce', 0);
    return unpacked(now.machine.parameterGradients, network.spec, network.phi, count);
  });
}

/** One step; the updates are a view of the machine's memory. */
function forward({ machine }: Held, { spec: { preprocess } }: Network, gradient: Float32Array, step: number) {
  const { gradients, updates, padded } = machine;
  const at = step * padded;
  gradients.set(gradient, at);
  if (preprocess.kind === 'rescale') {
    for (let i = at; i < at + gradient.length; i++) gradients[i]! *= preprocess.factor;
  }
  machine.run('forward', step);
  return updates.subarray(at, at + gradient.length);
}

/** `gradientsAhead` of unroll.ts, on the machine's arrays. */
function setCotangents(
  { machine: { cotangents, padded } }: Held,
  rows: readonly Float32Array[],
  objective?: Objective,
) {
  const last = rows.length - 1;
  const sum = rows[last]!.slice();
  for (let s = last - 1; s >= 0; s--) {
    cotangents.set(sum, s * padded);
    const row = rows[s]!;
    if (objective !== 'last') for (let i = 0; i < sum.length; i++) sum[i]! += row[i]!;
  }
}

/** The state after the segment, and a note that the machine still holds it. */
function keep(
  now: Held,
  { spec, phi }: Network,
  grads: readonly Params[],
  rows?: readonly Float32Array[],
): LstmState {
  const end = readState(now.machine, size(grads[0]!), spec.hidden);
  Object.assign(now, { gradients: grads, rows, phi, end });
  return end;
}
