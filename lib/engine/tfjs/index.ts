import { filterGradient, inputGradient } from './convolution.js';
import { kernel, replace } from './kernel.js';
import { maxPoolGradient } from './pool.js';
import { transposedProduct } from './product.js';
import { leadingSum } from './sum.js';

let registered = false;

/** Gives the WebAssembly backend what it lacks, and a faster way where it is slow; once. The values stay the same. */
export function registerWasmKernels(): void {
  if (registered) return;
  registered = true;
  replace('BatchMatMul', transposedProduct(kernel('BatchMatMul'), kernel('Transpose')));
  replace('Sum', leadingSum(kernel('Sum')));
  replace('MaxPoolGrad', maxPoolGradient);
  replace('Conv2DBackpropFilter', filterGradient);
  replace('Conv2DBackpropInput', inputGradient(kernel('Conv2DBackpropInput')));
}
