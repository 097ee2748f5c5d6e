// node inputs.cjs FOLDER: writes the inputs of every job as raw numbers, for the peers: the first run of ours.cjs has the same.
const { mkdirSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const tf = require('@tensorflow/tfjs');
const { experiment, gradientsAhead, quadratic, random, ravel, ready } = require('learning-to-learn');
const { convolutional, drawn, growth, kernelOrder, learned, neuralArt, small } = require('./jobs.cjs');

void (async () => {
  const folder = process.argv[2] ?? '.';
  mkdirSync(folder, { recursive: true });
  /** @param {string} name @param {ArrayBufferView} values */
  const write = (name, values) =>
    writeFileSync(join(folder, name), new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  await ready();
  write('phi-1', kernelOrder(learned.quadratics.init(1), true));
  write('phi-2', kernelOrder(learned.unroll.init(1), true));
  for (const n of [small, ...growth]) {
    const gradients = drawn(n);
    const ahead = gradientsAhead(tf.unstack(gradients).map((theta) => ({ theta })));
    write(`gradients-${n}`, gradients.dataSync());
    write(`ahead-${n}`, tf.stack(ahead).dataSync());
  }
  const { theta0, loss } = experiment('mnist').trainFamily()(1);
  /** @type {import('learning-to-learn').MlpSpec} */
  const spec = /** @type {never} */ (loss.spec);
  const batches = Array.from({ length: 101 }, (_, t) => spec.examples(t));
  write('pixels', Buffer.concat(batches.map(({ pixels }) => pixels)));
  write('labels', Int32Array.from(batches.flatMap(({ labels }) => [...labels])));
  write('theta-mnist', ravel(theta0).dataSync());
  const net = convolutional();
  /** @type {import('learning-to-learn').ConvSpec} */
  const { examples } = /** @type {never} */ (net.loss.spec);
  write('convnet-pixels', examples(0).pixels);
  write('convnet-labels', examples(0).labels);
  write('theta-convnet', ravel(net.theta0).dataSync());
  const art = neuralArt();
  /** @type {import('learning-to-learn').StyleSpec} */
  const { layers, content, style, variation, input } = /** @type {never} */ (art.loss.spec);
  const floats = (/** @type {Float32Array[]} */ parts) =>
    Float32Array.from(parts.flatMap((part) => [...part]));
  const filters = layers.flatMap((layer) => ('kernel' in layer ? [layer.kernel, layer.bias] : []));
  write('style-filters', floats(filters.map((part) => /** @type {Float32Array} */ (part.dataSync()))));
  write('style-targets', floats([content, ...style].map(({ values }) => values)));
  const weights = [content, ...style].map(({ weight }) => weight);
  write('style-numbers', Float32Array.from([input.scale, ...input.mean, variation, ...weights]));
  write('theta-style', ravel(art.theta0).dataSync());
  const f = quadratic({ dim: 10, batch: 128 })(1);
  const { uniform } = random('quadratic', 'train', 1); // as optimizees/quadratic.ts draws them
  write('W', uniform([128, 10, 10]).dataSync());
  write('y', uniform([128, 10, 1]).dataSync());
  write('theta-quadratics', ravel(f.theta0).dataSync());
})();
