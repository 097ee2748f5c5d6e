import * as tf from '@tensorflow/tfjs';
import type { Kernel } from './kernel.js';

/** ∂/∂input of a max-pool: each error goes to the first largest of its window. The backend asks every input instead. */
export const maxPoolGradient: Kernel = ({ inputs, backend, attrs }) => {
  const { filterSize, strides, pad, dimRoundingMode } = attrs as {
    filterSize: [number, number];
    strides: [number, number];
    pad: 'valid' | 'same';
    dimRoundingMode: 'floor';
  };
  const [x, dy] = [inputs.input!, inputs.dy!];
  const shape = x.shape as [number, number, number, number];
  const info = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
  const { batchSize, inChannels: channels, inHeight, inWidth, outHeight, outWidth } = info;
  const result = backend.makeOutput(x.shape, 'float32');
  const [values, errors, gradient] = [x, dy, result].map((t) => backend.typedArrayFromHeap(t)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  gradient.fill(0);
  const largest = new Int32Array(channels); // where, for each channel of a window
  let at = 0;
  for (let b = 0; b < batchSize; b++) {
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++, at += channels) {
        const top = i * info.strideHeight - info.padInfo.top;
        const left = j * info.strideWidth - info.padInfo.left;
        largest.fill(-1);
        for (let y = Math.max(top, 0); y < Math.min(top + info.filterHeight, inHeight); y++) {
          for (let z = Math.max(left, 0); z < Math.min(left + info.filterWidth, inWidth); z++) {
            const from = ((b * inHeight + y) * inWidth + z) * channels;
            for (let c = 0; c < channels; c++) {
              const best = largest[c]!;
              if (best < 0 || values[from + c]! > values[best]!) largest[c] = from + c;
            }
          }
        }
        for (let c = 0; c < channels; c++) gradient[largest[c]!]! += errors[at + c]!;
      }
    }
  }
  return result;
};
