import * as tf from '@tensorflow/tfjs';

type Inputs = {
  inputs: { [name: string]: tf.TensorInfo };
  backend: { disposeData(id: object): void; incRef(id: object): void };
  attrs: { [name: string]: unknown };
};
type Kernel = (args: Inputs) => tf.TensorInfo;

let registered = false;

/** Gives the WebAssembly backend what it lacks, and a faster way where it is slow; once. The values stay the same. */
export function registerWasmKernels(): void {
  if (registered) return;
  registered = true;
  replace('BatchMatMul', transposedProduct(kernel('BatchMatMul'), kernel('Transpose')));
  replace('Conv2DBackpropFilter', filterGradient);
}

const kernel = (name: string) => tf.getKernel(name, 'wasm').kernelFunc as unknown as Kernel;

function replace(kernelName: string, kernelFunc: Kernel): void {
  const old = tf.getKernel(kernelName, 'wasm');
  if (old) tf.unregisterKernel(kernelName, 'wasm');
  tf.registerKernel({ ...old, kernelName, backendName: 'wasm', kernelFunc: kernelFunc as never });
}

/** A product with a transpose runs a plain loop in the backend; transposing first lets it use its fast one. */
function transposedProduct(product: Kernel, transpose: Kernel): Kernel {
  return ({ inputs, backend, attrs: { transposeA, transposeB, ...rest } }) => {
    const turned = (x: tf.TensorInfo) => {
      const perm = x.shape.map((_, i) => i);
      perm.push(...perm.splice(-2).reverse());
      return transpose({ inputs: { x }, backend, attrs: { perm } });
    };
    const a = transposeA ? turned(inputs.a!) : inputs.a!;
    const b = transposeB ? turned(inputs.b!) : inputs.b!;
    const result = product({
      inputs: { a, b },
      backend,
      attrs: { ...rest, transposeA: false, transposeB: false },
    });
    if (transposeA) backend.disposeData(a.dataId);
    if (transposeB) backend.disposeData(b.dataId);
    return result;
  };
}

/** ∂/∂filter of a convolution [kh, kw, in, out], which the backend lacks: one product per place of the filter. */
const filterGradient: Kernel = ({ inputs, backend, attrs }) =>
  tf.tidy(() => {
    const { strides, pad, dimRoundingMode, filterShape } = attrs as {
      strides: [number, number];
      pad: 'valid' | 'same';
      dimRoundingMode: 'floor';
      filterShape: [number, number, number, number];
    };
    // The data belong to the caller's tensors too: the tidy that ends this one must not free them.
    const tensor = (info: tf.TensorInfo) => {
      backend.incRef(info.dataId);
      return tf.engine().makeTensorFromTensorInfo(info) as tf.Tensor4D;
    };
    const [x, dy] = [tensor(inputs.x!), tensor(inputs.dy!)];
    const conv = tf.backend_util.computeConv2DInfo(x.shape, filterShape, strides, 1, pad, dimRoundingMode);
    const { batchSize, outHeight, outWidth, padInfo, strideHeight, strideWidth } = conv;
    const [kh, kw, channels, outputs] = filterShape;
    const padded = tf.pad(x, [[0, 0], [padInfo.top, padInfo.bottom], [padInfo.left, padInfo.right], [0, 0]]); // prettier-ignore
    const errors = dy.reshape([-1, outputs]);
    const places: tf.Tensor[] = [];
    for (let i = 0; i < kh; i++) {
      for (let j = 0; j < kw; j++) {
        const end = [
          batchSize,
          i + (outHeight - 1) * strideHeight + 1,
          j + (outWidth - 1) * strideWidth + 1,
          channels,
        ];
        const seen = tf.stridedSlice(padded, [0, i, j, 0], end, [1, strideHeight, strideWidth, 1]);
        places.push(seen.reshape<tf.Tensor2D>([-1, channels]).matMul(errors, true));
      }
    }
    return tf.stack(places).reshape(filterShape);
  });
