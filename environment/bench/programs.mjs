// Who takes part in the bench: ours in every form, TensorFlow.js alone, and the peers.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { root } from '../setup.mjs';

/** @typedef {import('./driver.mjs').Program} Program */
/** @typedef {{ title: string, rounds: number, programs: Program[] }} Group */

const here = join(root, 'environment', 'bench');
const peers = join(root, 'environment', 'peers');
const threads = availableParallelism();
export const inputs = join(root, '.cache', 'bench-inputs');
process.env.BENCH_INPUTS = inputs; // every program inherits it, ours and the peers
const environment = join(root, '.cache', 'peers');
const windows = process.platform === 'win32';
const python = join(environment, ...(windows ? ['Scripts', 'python.exe'] : ['bin', 'python']));

const requirements = join(peers, 'requirements.txt');
/** What was installed to the end. */
const installed = join(environment, 'installed.txt');

/** Makes the peers' virtual environment. */
export function setUpPeers() {
  const run = (/** @type {string} */ command, /** @type {string[]} */ ...args) =>
    execFileSync(command, args, { stdio: 'inherit' });
  run(windows ? 'python' : 'python3', '-m', 'venv', environment);
  run(python, '-m', 'pip', 'install', '--disable-pip-version-check', '-r', requirements);
  copyFileSync(requirements, installed);
}

/** Whether all that is required now was installed, and to the end. */
export const havePeers = () =>
  existsSync(installed) && readFileSync(installed, 'utf8') === readFileSync(requirements, 'utf8');
export const writeInputs = () =>
  void execFileSync(process.execPath, [join(here, 'inputs.cjs'), inputs], {
    stdio: 'inherit',
    env: { ...process.env, L2L_BACKEND: 'wasm' },
  });

const isas = /** @type {string[]} */ (
  createRequire(import.meta.url)(join(root, 'lib/dist/engine/native.js')).nativeKernels()
);
const tfjsNode = (() => {
  try {
    createRequire(import.meta.url).resolve('tfjs-node-cpu');
    return true;
  } catch {
    return false;
  }
})();
const node = (/** @type {string} */ file, /** @type {object} */ spec) => [
  process.execPath,
  join(here, file),
  JSON.stringify(spec),
];

/** Kernels of the native addon, the best first. */
export const native = isas.map((isa) => `native ${isa}`);
/** The fastest of ours here. */
export const best = native[0] ?? 'wasm';

/**
 * Ours: native with every kernel that this processor has, WebAssembly with all threads and with one.
 * @param {object} spec @returns {Program[]}
 */
const ours = (spec) => [
  ...isas.map((isa) => ({
    name: `native ${isa}`,
    command: node('ours.cjs', spec),
    env: { L2L_ENGINE: `native:${isa}`, L2L_BACKEND: 'wasm' },
  })),
  { name: 'wasm', command: node('ours.cjs', spec), env: { L2L_ENGINE: 'wasm', L2L_BACKEND: 'wasm' } },
  {
    name: 'wasm, 1 thread',
    command: node('ours.cjs', spec),
    env: { L2L_ENGINE: 'wasm', L2L_BACKEND: 'wasm', L2L_THREADS: '1' },
  },
];

/**
 * Our plain path: TensorFlow.js with our kernel pack.
 * @param {object} spec @param {number} rounds @returns {Program}
 */
const plain = (spec, rounds) => ({
  name: 'plain path, wasm',
  command: node('ours.cjs', spec),
  env: { L2L_ENGINE: 'plain', L2L_BACKEND: 'wasm' },
  rounds,
});

/**
 * TensorFlow.js without anything of ours.
 * @param {string} backend @param {object} spec @param {number} rounds @returns {Program}
 */
const bare = (backend, spec, rounds) => ({
  name: `TensorFlow.js ${backend}`,
  command: node('ours.cjs', { ...spec, bare: backend }),
  env: { L2L_ENGINE: 'plain' },
  rounds,
});

/** @param {object} spec @param {number} rounds @returns {Program[]} */
const onNode = (spec, rounds) =>
  tfjsNode
    ? [
        {
          name: 'TensorFlow.js node',
          command: node('ours.cjs', spec),
          env: { L2L_ENGINE: 'plain', L2L_BACKEND: 'node' },
          rounds,
        },
      ]
    : [];

/**
 * Inside a peer: kept small, since it compiles to the processor at hand.
 * @param {'torch' | 'jax'} who @param {object} spec @returns {Pick<Program, 'command' | 'env'>}
 */
const peer = (who, spec) => ({
  command: [python, join(peers, `peer_${who}.py`), JSON.stringify({ threads, ...spec })],
  env: { TORCHINDUCTOR_CACHE_DIR: join(root, '.cache', 'inductor') },
});

export const names = {
  literal: 'PyTorch, literal',
  cells: 'PyTorch, two LSTMCell',
  compiled: 'PyTorch, compiled step',
  channelsLast: 'PyTorch, channels last',
  chunks: 'JAX, chunks of 128',
  whole: 'JAX, chunks, whole episode in one jit',
  tape: 'JAX, tape, whole episode in one jit',
};

/** @param {string} job @param {(keyof names)[]} forms @param {{ n?: number }} [more] @returns {Program[]} */
const withPeers = (job, forms, { n } = {}) =>
  forms.map((form) => {
    const jax = ['chunks', 'whole', 'tape'].includes(form);
    const spec = jax
      ? { job, n, form: form === 'tape' ? form : 'chunks', whole: form !== 'chunks' }
      : { job, n, form };
    return {
      name: names[form],
      ...peer(jax ? 'jax' : 'torch', spec),
      ...(form === 'literal' && { rounds: 2 }),
    };
  });

/**
 * Multiply-add rate of all threads.
 * @returns {Program[]}
 */
const floors = () =>
  [...isas.map((isa) => [`native ${isa}`, `native:${isa}`]), ['wasm', 'wasm']].map(([name, engine]) => ({
    name: `floor of ${name}`,
    command: node('floor.cjs', { threads }),
    env: { L2L_ENGINE: String(engine) },
    out: true,
  }));

/**
 * With little memory: activations computed again.
 * @param {number} n @returns {Program[]}
 */
const recomputing = (n) =>
  ours({ job: 'unroll', n })
    .filter(({ name }) => name === best || name === 'wasm')
    .map((program) => ({ ...program, env: { ...program.env, L2L_MEMORY: '0' } }));

/**
 * Everything that is measured.
 * @param {boolean} withThem also the peers
 * @returns {{ [group: string]: Group }}
 */
export function groups(withThem) {
  const theirs = withThem ? withPeers : () => [];
  const at = (/** @type {number} */ n) => ({ job: 'unroll', n });
  const growing = (/** @type {number} */ n, /** @type {Program[]} */ more) => ({
    title: `LSTM unroll, N = ${n.toLocaleString('en')}`,
    rounds: 7,
    programs: [...ours(at(n)), ...more, ...theirs('unroll', ['cells', 'compiled', 'chunks'], { n })],
  });
  const outOf = (/** @type {Program[]} */ programs) => programs.map((program) => ({ ...program, out: true }));
  return {
    check: {
      title: 'the gradient of all parameters, N = 1,000',
      rounds: 0,
      programs: outOf([
        ...ours(at(1000)),
        plain(at(1000), 0),
        bare('wasm', at(1000), 0),
        ...onNode(at(1000), 0),
        ...theirs('unroll', ['cells', 'compiled', 'chunks'], { n: 1000 }),
      ]),
    },
    unroll: {
      title: 'LSTM unroll, N = 15,910, T = 20, forward and backward',
      rounds: 9,
      programs: [
        ...ours(at(15910)),
        ...floors(),
        plain(at(15910), 3),
        bare('wasm', at(15910), 3),
        ...onNode(at(15910), 5),
        ...theirs('unroll', ['cells', 'compiled', 'chunks'], { n: 15910 }),
      ],
    },
    mnist: {
      title: 'MNIST episode, 100 steps, everything',
      rounds: 5,
      programs: [
        ...ours({ job: 'mnist' }),
        plain({ job: 'mnist' }, 1),
        ...onNode({ job: 'mnist' }, 2),
        ...theirs('mnist', ['literal', 'cells', 'compiled', 'chunks', 'whole']),
      ],
    },
    quadratics: {
      title: 'quadratics episode, 128 functions of 10 dimensions, 100 steps, everything',
      rounds: 9,
      programs: [
        ...ours({ job: 'quadratics' }),
        plain({ job: 'quadratics' }, 3),
        ...onNode({ job: 'quadratics' }, 5),
        ...theirs('quadratics', ['cells', 'compiled', 'whole', 'tape']),
      ],
    },
    mlp: {
      title: 'loss and gradient of the MNIST network, batch 128',
      rounds: 9,
      programs: [
        ...ours({ job: 'mlp' }).filter(({ name }) => !name.includes('thread')),
        plain({ job: 'mlp' }, 9),
        bare('wasm', { job: 'mlp' }, 9),
        bare('cpu', { job: 'mlp' }, 3),
        ...onNode({ job: 'mlp' }, 9),
      ],
    },
    convnet: {
      title: 'loss and gradient of the convolutional network, 3 × (5 × 5 × 16), 32 × 32 × 3, batch 128',
      rounds: 9,
      programs: [
        ...ours({ job: 'convnet' }),
        plain({ job: 'convnet' }, 5),
        bare('wasm', { job: 'convnet' }, 5),
        ...onNode({ job: 'convnet' }, 5),
        ...theirs('convnet', ['channelsLast']),
      ],
    },
    'convnet-episode': {
      title: 'episode of the convolutional network with two LSTMs, 100 steps, everything',
      rounds: 2,
      programs: [...ours({ job: 'convnet-episode' }).filter(({ name }) => name === best || name === 'wasm')],
    },
    style: {
      title: 'loss and gradient of neural art, VGG-19’s shapes up to conv3_1, 64 × 64',
      rounds: 9,
      programs: [
        ...ours({ job: 'style' }),
        plain({ job: 'style' }, 9),
        bare('wasm', { job: 'style' }, 5),
        ...onNode({ job: 'style' }, 5),
        ...theirs('style', ['channelsLast']),
      ],
    },
    'unroll-1280': growing(1280, [bare('wasm', at(1280), 7), bare('cpu', at(1280), 1)]),
    'unroll-5000': growing(5000, [bare('wasm', at(5000), 3)]),
    'unroll-50000': growing(50000, []),
    'memory-15910': {
      title: 'activations computed again, N = 15,910',
      rounds: 3,
      programs: recomputing(15910),
    },
    'memory-50000': {
      title: 'activations computed again, N = 50,000',
      rounds: 3,
      programs: recomputing(50000),
    },
  };
}
