// What the bench measures. The peers do the same on the same inputs, which inputs.cjs writes.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const tf = require('@tensorflow/tfjs');
const library = require('learning-to-learn');

const { add, adam, convnet, experiment, get, logSign, lstm, metaGrad, partition, quadratic } = library;
const { random, ravel, release, start, style, unroll } = library;

/** @typedef {import('learning-to-learn').Params} Params */
/**
 * `run` is what is timed; `result` has the numbers of the first run.
 * @typedef {{ run: () => unknown, result: () => Iterable<number> }} Job
 */

/** Coordinates: quadratics of 128 × 10, something between, the MNIST network, a large one. */
const growth = [1280, 5000, 15910, 50000];
/** For the comparison with float64. */
const small = 1000;

const learned = { unroll: lstm({ preprocess: logSign(10) }), quadratics: lstm() };

/**
 * Gradients of all magnitudes at 21 points, [21][n].
 * @param {number} n
 */
function drawn(n) {
  const { normal, uniform } = random('bench', n);
  return tf.tidy(() =>
    tf.stack(Array.from({ length: 21 }, () => normal([n]).mul(uniform([n], -14, 0).exp()))),
  );
}

/**
 * The same from the file that the peers read, too: what drawing them needs is no memory of the engine.
 * @param {number} n
 */
function recorded(n) {
  const bytes = readFileSync(join(process.env.BENCH_INPUTS ?? '.', `gradients-${n}`));
  const at = (/** @type {number} */ point) =>
    new Float32Array(bytes.buffer, bytes.byteOffset + 4 * n * point, n);
  return Array.from({ length: 21 }, (_, point) => tf.tensor1d(at(point)));
}

/**
 * φ, or a gradient with respect to it, as the peers have it: both kernels, both biases, the output layer.
 * @param {Params} phi @param {boolean} [withForgetBias] adds the 1 that our φ leaves out
 */
function kernelOrder(phi, withForgetBias = false) {
  const all = tf.tidy(() => {
    const forget = tf
      .oneHot(tf.tensor1d([2], 'int32'), 4)
      .reshape([4, 1])
      .tile([1, 20])
      .reshape([-1]);
    const bias = (/** @type {string} */ name) => get(phi, name).add(withForgetBias ? forget : 0);
    const kernels = [get(phi, 'lstm0/kernel'), get(phi, 'lstm1/kernel')];
    const output = [get(phi, 'linear/kernel'), get(phi, 'linear/bias')];
    const parts = [...kernels, bias('lstm0/bias'), bias('lstm1/bias'), ...output];
    return tf.concat1d(parts.map((part) => part.as1D()));
  });
  const numbers = all.dataSync(); // not within tidy, which would look for tensors among them
  all.dispose();
  return numbers;
}

/** @type {{ [job: string]: (spec: { n: number }) => Job }} */
const jobs = {
  /** 20 steps of the two-layer LSTM on recorded gradients, forward and backward. */
  unroll({ n }) {
    const phi = learned.unroll.init(1);
    const grads = recorded(n).map((theta) => ({ theta }));
    const from = start(learned.unroll.at(phi), {
      theta0: { theta: tf.zeros([n]) },
      loss: () => tf.scalar(0),
    });
    /** @type {ArrayLike<number> | undefined} */
    let first;
    const run = () =>
      tf.tidy(() => {
        // New tensors every time: an engine that still holds the last ones would leave the forward pass out.
        const fresh = grads.map(({ theta }) => ({ theta: theta.clone() }));
        const segment = { losses: [], grads: fresh, end: from, count: 1 };
        const gradient = kernelOrder(metaGrad(learned.unroll, phi, from, segment));
        first ??= gradient;
      });
    return { run, result: () => Array.from(first ?? []) };
  },
  mnist: () => episodes(experiment('mnist').learned, experiment('mnist').trainFamily()),
  quadratics: () => episodes(learned.quadratics, quadratic({ dim: 10, batch: 128 })),
  /** Loss and gradient of the network on one minibatch. */
  mlp: () => gradient(experiment('mnist').trainFamily()(1)),
  convnet() {
    // What the WebAssembly backend lacks altogether: without it there is nothing to compare with.
    if (!tf.getKernel('Conv2DBackpropFilter', tf.getBackend())) {
      const { filterGradient } = require(join(__dirname, '../../lib/dist/engine/tfjs/convolution.js'));
      tf.registerKernel({
        kernelName: 'Conv2DBackpropFilter',
        backendName: tf.getBackend(),
        kernelFunc: filterGradient,
      });
    }
    return gradient(convolutional());
  },
  /** Loss and gradient of neural art on filters in VGG-19's shapes. */
  style: () => gradient(neuralArt()),
  'convnet-episode'() {
    const parts = { convolutional: learned.unroll, dense: lstm({ preprocess: logSign(10) }) };
    const two = partition(parts, (name) => (name.startsWith('conv') ? 'convolutional' : 'dense'));
    return episodes(two, convolutional, (phi) => tf.tidy(() => ravel(phi).dataSync()));
  },
};

/** The network of §3.3 on noise in the shape of CIFAR-10, away from its flat start. */
function convolutional() {
  const { integers } = random('bench pictures');
  return convnet({ data: { name: 'noise', shape: [32, 32, 3], images: Uint8Array.from(integers(256 * 3072, 0, 256)), labels: Uint8Array.from(integers(256, 0, 10)), classes: 10, splits: { train: [0, 256], validation: [0, 256], test: [0, 256] }, hash: 'noise' }, stddev: 0.1 })(1); // prettier-ignore
}

/** Neural art at 64 × 64 on random filters in the shapes of VGG-19 up to conv3_1, away from its targets. */
function neuralArt() {
  const { randomFeatures } = require(join(__dirname, '../../lib/dist/testing/randomFeatures.js'));
  /** @type {(word: string) => import('@tensorflow/tfjs').Tensor3D} */
  const picture = (word) => random('bench', word).uniform([64, 64, 3]);
  const network = randomFeatures(1, [[64, 64], [128, 128], [256]]); // prettier-ignore
  return style({ network, contents: () => picture('content'), style: picture('style'), begin: 'noise' })(1);
}

/**
 * Loss and gradient at f's starting point.
 * @param {import('learning-to-learn').Optimizee} f
 * @returns {Job}
 */
function gradient(f) {
  /** @type {import('learning-to-learn').Optimizer<number>} */
  const still = { init: () => 0, update: (g) => [g, 0] };
  const here = start(still, f);
  /** @type {number[] | undefined} */
  let first;
  const run = () =>
    tf.tidy(() => {
      // One point and no step: the loss and its gradient there.
      const { losses, grads } = unroll(still, f, here, 0);
      losses[0]?.dataSync();
      first ??= Object.values(grads[0] ?? {}).flatMap((g) => [...g.dataSync()]);
    });
  return { run, result: () => first ?? [] };
}

/**
 * Episodes as `metaTrain` goes through them, without validation: 100 steps, 5 updates of φ by ADAM.
 * @param {import('learning-to-learn').LearnedOptimizer} learned
 * @param {import('learning-to-learn').OptimizeeFamily} family
 * @param {(phi: Params) => Iterable<number>} [flat] φ as the peers have it
 * @returns {Job}
 */
function episodes(learned, family, flat = (phi) => kernelOrder(phi, true)) {
  const outer = adam({ lr: 1e-3 });
  let phi = learned.init(1);
  let state = outer.init(phi);
  let seed = 0;
  /** @type {number[] | undefined} */
  let first;
  const run = () => {
    /** @type {number[]} */
    const losses = [];
    const end = tf.tidy(() => {
      const f = family(++seed);
      let now = { phi, state, from: start(learned.at(phi), f) };
      for (let i = 0; i < 5; i++) {
        const after = tf.tidy(() => {
          const { phi, state, from } = now;
          const segment = unroll(learned.at(phi), f, from, 20);
          const [updates, next] = outer.update(metaGrad(learned, phi, from, segment), state);
          losses.push(...tf.stack(segment.losses.slice(1)).div(segment.count).dataSync());
          return { phi: add(phi, updates), state: next, from: segment.end };
        });
        release(now, after); // after every unroll, as metaTrain does
        now = after;
      }
      return { phi: now.phi, state: now.state };
    });
    ({ phi, state } = end);
    first ??= [...losses, ...flat(phi)];
  };
  return { run, result: () => first ?? [] };
}

module.exports = { convolutional, neuralArt, growth, small, learned, drawn, kernelOrder, jobs };
