// An optimizer step by step on machines: one, or one for each part of a `partition`.
import { size } from '../params.js';
import { pick } from '../partition.js';
import type { LstmState } from '../optimizers/lstm.js';
import type { Optimizer, Params, Parts, State } from '../types.js';
import { begin, forward, keep, machineFor } from './held.js';
import { flat, named } from './layout.js';

/** Goes through the steps of a segment; the state stays where it is computed until `keep`. */
export type Stepper = {
  /** The updates [n], which hold until the next step, in the order of θ's names like `gradient` [n]. */
  forward(gradient: Float32Array): Float32Array;
  /** What TensorFlow.js holds of the state meanwhile. */
  tensors(): State;
  /** The state after the last step. `grads` and, where they came as arrays, `rows` [n] are all recorded gradients. */
  keep(grads: readonly Params[], rows?: readonly Float32Array[]): State;
};

/**
 * The stepper of `steps` steps from `state`; undefined where the engine knows neither the optimizer nor a part of it.
 *
 * @param part which part of the whole optimizer this is: no two parts share a machine
 */
export function stepperOf(
  { update }: Optimizer,
  theta: Params,
  state: State,
  steps: number,
  part = '',
): Stepper | undefined {
  const { network, parts } = update;
  if (parts) return stepperOfParts(parts, theta, state as { [group: string]: State }, steps, part);
  const now = network && machineFor(network, size(theta), steps, part);
  if (!now) return undefined;
  begin(now, network, state as LstmState);
  let step = 0;
  return {
    forward: (gradient) => forward(now, network, gradient, step++),
    tensors: () => state,
    keep: (grads, rows) => keep(now, network, grads, rows),
  };
}

/** The steps of TensorFlow.js, for a part that the engine does not know. */
function plainStepper({ update }: Optimizer, theta: Params, state: State): Stepper {
  return {
    forward(gradient) {
      const [updates, next] = update(named(gradient, theta), state);
      state = next;
      return flat(updates);
    },
    tensors: () => state,
    keep: () => state,
  };
}

function stepperOfParts(
  parts: Parts<Optimizer>,
  theta: Params,
  state: { [group: string]: State },
  steps: number,
  part: string,
): Stepper | undefined {
  let known = false;
  const each = Object.entries(parts.of).map(([group, m]) => {
    const own = pick(theta, parts, group);
    const fused = stepperOf(m, own, state[group], steps, `${part}/${group}`);
    known ||= !!fused;
    return { group, stepper: fused ?? plainStepper(m, own, state[group]), ...places(theta, own) };
  });
  if (!known) return undefined;
  const updates = new Float32Array(size(theta));
  return {
    forward(gradient) {
      for (const { stepper, gather, scatter } of each) scatter(stepper.forward(gather(gradient)), updates);
      return updates;
    },
    tensors: () => Object.fromEntries(each.map(({ group, stepper }) => [group, stepper.tensors()])),
    keep: (grads, rows) =>
      Object.fromEntries(
        each.map(({ group, stepper, gather }) => {
          const own = grads.map((g) => pick(g, parts, group));
          return [group, stepper.keep(own, rows?.map(gather))];
        }),
      ),
  };
}

/** Takes the coordinates of `own` out of all of `theta`, and puts them back. */
function places(theta: Params, own: Params) {
  let at = 0;
  const pieces = Object.entries(theta).flatMap(([name, { size }]) => {
    at += size;
    return name in own ? [{ from: at - size, size }] : [];
  });
  const n = size(own);
  return {
    gather(all: Float32Array) {
      const some = new Float32Array(n);
      let to = 0;
      for (const { from, size } of pieces) {
        some.set(all.subarray(from, from + size), to);
        to += size;
      }
      return some;
    },
    scatter(some: Float32Array, all: Float32Array) {
      let to = 0;
      for (const { from, size } of pieces) all.set(some.subarray(to, (to += size)), from);
    },
  };
}
