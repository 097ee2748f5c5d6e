import * as tf from '@tensorflow/tfjs';

/** The parts of the WebAssembly backend that kernels of ours touch; TensorFlow.js is pinned, and tests compare with cpu. */
type Backend = {
  disposeData(id: object): void;
  incRef(id: object): void;
  makeOutput(shape: number[], dtype: string): tf.TensorInfo;
  typedArrayFromHeap(info: tf.TensorInfo): Float32Array;
};

export type Kernel = (args: {
  inputs: { [name: string]: tf.TensorInfo };
  backend: Backend;
  attrs: { [name: string]: unknown };
}) => tf.TensorInfo;

/** The kernel that is registered now. */
export const kernel = (name: string) => tf.getKernel(name, 'wasm').kernelFunc as unknown as Kernel;

/** Registers a kernel in the place of the one that may be there. */
export function replace(kernelName: string, kernelFunc: Kernel): void {
  const old = tf.getKernel(kernelName, 'wasm');
  if (old) tf.unregisterKernel(kernelName, 'wasm');
  tf.registerKernel({ ...old, kernelName, backendName: 'wasm', kernelFunc: kernelFunc as never });
}

/** A tensor of a kernel's input. The data belong to the caller's tensors too: the tidy around must not free them. */
export function tensor<R extends tf.Rank>(info: tf.TensorInfo, backend: Backend): tf.Tensor<R> {
  backend.incRef(info.dataId);
  return tf.engine().makeTensorFromTensorInfo(info) as tf.Tensor<R>;
}
