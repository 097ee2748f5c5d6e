import * as tf from '@tensorflow/tfjs';
import { tensor, type Kernel } from './kernel.js';

type Attributes = {
  strides: [number, number];
  pad: 'valid' | 'same';
  dataFormat: 'NHWC';
  dimRoundingMode: 'floor';
  filterShape: [number, number, number, number];
  inputShape: [number, number, number, number];
};

/** ∂/∂filter of a convolution [kh, kw, in, out], which the backend lacks: one product per place of the filter. */
export const filterGradient: Kernel = ({ inputs, backend, attrs }) =>
  tf.tidy(() => {
    const { strides, pad, dimRoundingMode, filterShape } = attrs as Attributes;
    const [x, dy] = [tensor<tf.Rank.R4>(inputs.x!, backend), tensor<tf.Rank.R4>(inputs.dy!, backend)];
    const conv = tf.backend_util.computeConv2DInfo(x.shape, filterShape, strides, 1, pad, dimRoundingMode);
    const { batchSize, outHeight, outWidth, padInfo, strideHeight, strideWidth } = conv;
    const [kh, kw, channels, outputs] = filterShape;
    const padded = tf.pad(x, [[0, 0], [padInfo.top, padInfo.bottom], [padInfo.left, padInfo.right], [0, 0]]); // prettier-ignore
    const errors = dy.reshape([-1, outputs]);
    const places: tf.Tensor[] = [];
    for (let i = 0; i < kh; i++) {
      for (let j = 0; j < kw; j++) {
        const [bottom, right] = [
          i + (outHeight - 1) * strideHeight + 1,
          j + (outWidth - 1) * strideWidth + 1,
        ];
        const end = [batchSize, bottom, right, channels];
        const seen = tf.stridedSlice(padded, [0, i, j, 0], end, [1, strideHeight, strideWidth, 1]);
        places.push(seen.reshape<tf.Tensor2D>([-1, channels]).matMul(errors, true));
      }
    }
    return tf.stack(places).reshape(filterShape);
  });

/**
 * ∂/∂input of a convolution: with stride 1 that is the convolution of the errors with the filter turned by 180°, its
 * channels exchanged, for which the backend has a fast kernel. Other strides stay the backend's.
 */
export function inputGradient(slow: Kernel): Kernel {
  return (args) => {
    const { strides, pad, dataFormat, dimRoundingMode, inputShape } = args.attrs as Attributes;
    const { dy, filter } = args.inputs as { dy: tf.TensorInfo; filter: tf.TensorInfo };
    const shape = filter.shape as Attributes['filterShape'];
    const conv = tf.backend_util.computeConv2DInfo(inputShape, shape, strides, 1, pad, dimRoundingMode);
    const { top, bottom, left, right } = conv.padInfo;
    const [kh, kw] = shape;
    const around: [number, number][] = [[0, 0], [kh - 1 - top, kh - 1 - bottom], [kw - 1 - left, kw - 1 - right], [0, 0]]; // prettier-ignore
    const direct = conv.strideHeight === 1 && conv.strideWidth === 1 && dataFormat === 'NHWC';
    if (!direct || around.flat().some((n) => n < 0)) return slow(args);
    return tf.tidy(() => {
      const turned = tensor<tf.Rank.R4>(filter, args.backend)
        .reverse([0, 1])
        .transpose<tf.Tensor4D>([0, 1, 3, 2]);
      const errors = tensor<tf.Rank.R4>(dy, args.backend).pad<tf.Tensor4D>(around);
      return tf.conv2d(errors, turned, 1, 'valid');
    });
  };
}
