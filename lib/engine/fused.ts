import * as tf from '@tensorflow/tfjs';
import { size, tidy } from '../params.js';
import type { Optimizee, Optimizer, Params } from '../types.js';
import type { LstmState } from '../optimizers/lstm.js';
import type { Objective, Position, Segment } from '../unroll.js';
import { begin, machineFor, machineHolding, record, type Held } from './held.js';
import { flat, named, unpacked } from './layout.js';
import { lossOf } from './optimizee.js';
import { stepperOf } from './stepper.js';

/**
 * `unroll` where the engine knows the optimizer and f alike: nothing of TensorFlow.js between the steps. Undefined
 * where it does not.
 */
export function fusedUnroll(
  optimizer: Optimizer,
  f: Optimizee,
  from: Position,
  steps: number,
): Segment | undefined {
  const lossAndGradient = lossOf(f, from.theta);
  const stepper = lossAndGradient && stepperOf(optimizer, from.theta, from.state, steps);
  if (!stepper) return undefined;
  const theta = flat(from.theta);
  const losses: number[] = [];
  const rows: Float32Array[] = [];
  for (let s = 0; ; s++) {
    const { loss, gradient } = lossAndGradient(theta, from.t + s);
    losses.push(loss);
    rows.push(gradient);
    if (s === steps) break;
    const updates = stepper.forward(gradient);
    for (let i = 0; i < theta.length; i++) theta[i]! += updates[i]!;
  }
  const grads = rows.map((row) => named(row, from.theta));
  const end = { theta: named(theta, from.theta), state: stepper.keep(grads, rows), t: from.t + steps };
  return { losses: losses.map((loss) => tf.scalar(loss)), grads, end, count: f.count ?? 1 };
}

/**
 * The optimizer as `unroll` calls it, for one segment of `steps` steps: its state stays in the machine until `finish`.
 * Undefined where the plain path has to run.
 */
export function fusedSegment(optimizer: Optimizer, from: Position, steps: number) {
  const stepper = stepperOf(optimizer, from.theta, from.state, steps);
  if (!stepper) return undefined;
  const update: Optimizer['update'] = (grads) => [
    named(stepper.forward(flat(grads)).slice(), grads),
    stepper.tensors(),
  ];
  const finish = (segment: Segment): Segment => ({
    ...segment,
    end: { ...segment.end, state: stepper.keep(segment.grads) },
  });
  return { optimizer: { init: optimizer.init, update }, finish };
}

/**
 * `metaGrad` of a whole segment on the machine; undefined where the plain path has to run.
 *
 * @param part as in `stepperOf`
 */
export function fusedMetaGrad(
  optimizer: Optimizer,
  from: Position,
  { grads, count }: Segment,
  objective: Objective | undefined,
  part: string,
): Params | undefined {
  const { network } = optimizer.update;
  if (!network) return undefined;
  const steps = grads.length - 1;
  const holding = machineHolding(network, grads, part);
  const now = holding ?? machineFor(network, size(grads[0]!), steps, part, true);
  if (!now) return undefined;
  return tidy(() => {
    const rows = holding?.rows;
    const buffer = new Float32Array(rows ? 0 : size(grads[0]!));
    const row = (s: number) => rows?.[s] ?? flat(grads[s]!, buffer);
    if (!holding) {
      begin(now, network, from.state as LstmState);
      for (let s = 0; s < steps; s++) record(now, network, row(s), s);
    }
    setCotangents(now, row, steps, objective);
    now.machine.run('backward', 0);
    now.machine.run('reduce', 0);
    return unpacked(now.machine.parameterGradients, network.spec, network.phi, count);
  });
}

/** `gradientsAhead` of unroll.ts, on the machine's arrays; `row` gives ∇ of a step until the next is asked for. */
function setCotangents(
  { machine: { cotangents, padded } }: Held,
  row: (step: number) => Float32Array,
  steps: number,
  objective?: Objective,
) {
  const last = row(steps);
  cotangents.set(last, (steps - 1) * padded);
  for (let s = steps - 1; s > 0; s--) {
    const [from, to] = [s * padded, (s - 1) * padded];
    if (objective === 'last') {
      cotangents.copyWithin(to, from, from + last.length);
      continue;
    }
    const gradient = row(s);
    for (let i = 0; i < gradient.length; i++) cotangents[to + i] = cotangents[from + i]! + gradient[i]!;
  }
}
