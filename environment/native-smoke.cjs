// node native-smoke.cjs PACKAGE BINDING: loads tfjs-node with this binding and computes a product, and the gradient of
// the sum of squares of a 3 × 3 box filter at an inner pixel, 2 · 9 · 9 = 162.
const { createRequire } = require('node:module');
const { join } = require('node:path');
const util = /** @type {{ [name: string]: unknown }} */ (require('node:util'));
// tfjs-node 4.22 calls two functions that Node 23 removed.
util.isNullOrUndefined ??= (/** @type {unknown} */ value) => value === null || value === undefined;
util.isArray ??= Array.isArray;

const [, , at = '', binding] = process.argv;
const from = createRequire(join(at, 'package.json'));
from('@mapbox/node-pre-gyp/lib/pre-binding').find = () => binding;
const tf = from(at);
const product = tf.matMul(tf.tensor2d([[1, 2], [3, 4]]), tf.tensor2d([[5, 6], [7, 8]])).dataSync().join(); // prettier-ignore
/** @param {object} x */
const energy = (x) =>
  tf
    .conv2d(x, tf.ones([3, 3, 1, 1]), 1, 'same')
    .square()
    .sum();
const slope = tf
  .grad(energy)(tf.ones([1, 5, 5, 1]))
  .dataSync()[12];
if (tf.getBackend() !== 'tensorflow' || product !== '19,22,43,50' || slope !== 162) {
  throw new Error(`wrong numbers: ${[tf.getBackend(), product, slope].join(' ')}`);
}
const { binding: library, isUsingGpuDevice } = tf.backend();
console.log(`TensorFlow ${library.TF_Version} on ${isUsingGpuDevice ? 'a GPU' : 'the processor'}`);
