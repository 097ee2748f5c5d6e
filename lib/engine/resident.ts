// State that stays where it was computed: its tensors have no numbers of their own until somebody reads them. Most are
// never read, because the next unroll goes on where the machine stands.
import * as tf from '@tensorflow/tfjs';
import { leaves } from '../params.js';
import type { State } from '../types.js';

const readers = new WeakMap<object, () => Float32Array>();
const read = (id: object) => readers.get(id)!();

/** To TensorFlow.js the machines are one more backend, which computes nothing and from which it moves what it needs. */
const machines = Object.assign(new tf.KernelBackend(), {
  readSync: read,
  read: async (id: object) => read(id),
  refCount: () => 1,
  disposeData: (id: object) => readers.delete(id) || true,
});

/** A tensor whose numbers `numbers` gives whenever somebody asks, until {@link settle}. */
export function resident(shape: [number, number], numbers: () => Float32Array): tf.Tensor2D {
  const dataId = {};
  readers.set(dataId, numbers);
  return tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype: 'float32' }, machines) as tf.Tensor2D;
}

/** Reads for good what is not disposed of a state: its machine is about to go on. */
export function settle(state: State | undefined): void {
  for (const [, leaf] of leaves(state)) {
    const numbers = leaf instanceof tf.Tensor && readers.get(leaf.dataId)?.();
    if (numbers) readers.set(leaf.dataId, () => numbers);
  }
}
