// One program of the bench: sets a job up, says ready, does one timed repeat for every line `go`.
// node ours.cjs '{"job":"unroll","n":15910}'; engine and backend by L2L_ENGINE and L2L_BACKEND.
const { createInterface } = require('node:readline');
const tf = require('@tensorflow/tfjs');
const library = require('learning-to-learn');

/** @typedef {{ run: () => unknown, repeats?: number }} Job */
const { add, adam, experiment, logSign, lstm, metaGrad, quadratic, random, ready, release, start, unroll } =
  library;

/** f whose gradient at step t is a recorded one. @param {number} n */
function recorded(n) {
  const { normal } = random('bench', n);
  const gradients = Array.from({ length: 21 }, () => normal([n], 0.01));
  /** @type {import('learning-to-learn').Optimizee['loss']} */
  const loss = ({ theta }, t) => theta.mul(gradients[t]).sum();
  return { theta0: { theta: tf.zeros([n]) }, loss };
}

/** @type {{ [job: string]: (spec: { n: number }) => Job }} */
const jobs = {
  /** 20 steps of the two-layer LSTM on recorded gradients, forward and backward. */
  unroll({ n }) {
    const learned = lstm({ preprocess: logSign(10) });
    const phi = learned.init(1);
    const f = recorded(n);
    const m = learned.at(phi);
    const run = () =>
      tf.tidy(() => {
        const from = start(m, f);
        const segment = unroll(m, f, from, 20);
        for (const g of Object.values(metaGrad(learned, phi, from, segment))) g.dataSync();
      });
    return { run };
  },
  mnist: () => episodes(experiment('mnist').learned, experiment('mnist').trainFamily()),
  quadratics: () => episodes(lstm(), quadratic({ dim: 10, batch: 128 })),
  /** Loss and gradient of the network on one minibatch. */
  mlp() {
    const f = experiment('mnist').trainFamily()(1);
    const still = { init: () => 0, update: (/** @type {import('learning-to-learn').Params} */ g) => [g, 0] };
    const run = () =>
      tf.tidy(() => void unroll(/** @type {never} */ (still), f, start(/** @type {never} */ (still), f), 1));
    return { run, repeats: 20 };
  },
};

/** Episodes as `metaTrain` goes through them, without validation: 100 steps, 5 updates of φ by ADAM.
 * @param {import('learning-to-learn').LearnedOptimizer} learned
 * @param {import('learning-to-learn').OptimizeeFamily} family */
function episodes(learned, family) {
  const outer = adam({ lr: 1e-3 });
  let phi = learned.init(1);
  let state = outer.init(phi);
  let seed = 0;
  const run = () => {
    const after = tf.tidy(() => {
      const f = family(++seed);
      let [from, now, h] = [start(learned.at(phi), f), phi, state];
      for (let i = 0; i < 5; i++) {
        const segment = unroll(learned.at(now), f, from, 20);
        const [updates, next] = outer.update(metaGrad(learned, now, from, segment), h);
        [from, now, h] = [segment.end, add(now, updates), next];
      }
      return { phi: now, state: h };
    });
    release(/** @type {never} */ ({ phi, state }), after);
    ({ phi, state } = after);
  };
  return { run };
}

/** @param {object} message */
const send = (message) => process.stdout.write(JSON.stringify(message) + '\n');
const cpu = () => process.cpuUsage().user + process.cpuUsage().system;
const megabytes = (/** @type {number} */ kib) => kib / 1024;

void (async () => {
  const began = performance.now();
  await ready();
  const idle = process.resourceUsage().maxRSS;
  const spec = JSON.parse(process.argv[2] ?? '{}');
  const { run, repeats = 1 } = /** @type {(spec: object) => Job} */ (jobs[spec.job])(spec);
  await run();
  send({ ready: true, first: performance.now() - began });
  for await (const line of createInterface({ input: process.stdin })) {
    if (line !== 'go') break;
    const [t, c] = [performance.now(), cpu()];
    for (let i = 0; i < repeats; i++) await run();
    const ms = (performance.now() - t) / repeats;
    const memory = megabytes(process.resourceUsage().maxRSS - idle);
    send({ ms, cpu: (cpu() - c) / 1e3 / repeats, memory });
  }
  process.exit(0);
})();
