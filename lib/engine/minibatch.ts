import type { LossAndGradient } from './optimizee.js';

/** The arrays of a kernel that holds one classifier and one minibatch; `run` computes loss and gradient. */
export type MinibatchArrays = {
  readonly pixels: Uint8Array;
  readonly labels: Int32Array;
  readonly theta: Float32Array;
  readonly gradient: Float32Array;
  readonly loss: Float32Array;
  run(): void;
};

/** Where those arrays begin, in bytes. */
export type Places = { pixels: number; labels: number; theta: number; gradient: number; loss: number };

/** Kernels take the examples of a batch in whole blocks of 64. */
export const paddedBatch = (batch: number): number => Math.ceil(batch / 64) * 64;

/** The arrays of `batch` examples with so many pixels each, and of θ with so many coordinates. */
export const arraysAt = (
  memory: ArrayBufferLike,
  at: Places,
  batch: number,
  pixels: number,
  coordinates: number,
): Omit<MinibatchArrays, 'run'> => ({
  pixels: new Uint8Array(memory, at.pixels, batch * pixels),
  labels: new Int32Array(memory, at.labels, paddedBatch(batch)).fill(-1).subarray(0, batch), // −1: no example
  theta: new Float32Array(memory, at.theta, coordinates),
  gradient: new Float32Array(memory, at.gradient, coordinates),
  loss: new Float32Array(memory, at.loss, 1),
});

/** Loss and gradient of the t-th minibatch, on the arrays of a kernel. */
export const onMinibatches =
  (
    examples: (t: number) => { pixels: Uint8Array; labels: Int32Array },
    arrays: () => MinibatchArrays,
  ): LossAndGradient =>
  (theta, t) => {
    const { pixels, labels } = examples(t);
    const kernel = arrays();
    kernel.theta.set(theta);
    kernel.pixels.set(pixels);
    kernel.labels.set(labels);
    kernel.run();
    return { loss: kernel.loss[0]!, gradient: kernel.gradient.slice() };
  };
