import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import * as tf from '@tensorflow/tfjs';
import { kernelName } from './choose.js';
import { registerWasmKernels } from './tfjs/index.js';

/** A TensorFlow.js build: the packages that bring it, the backend they register, how to get it. */
type Build = { packages: string[]; backend: string; what: string; remedy: string };

/** From the fastest to the slowest. */
const builds: { readonly [name: string]: Build } = {
  gpu: {
    packages: ['@tensorflow/tfjs-node-gpu', 'tfjs-node-gpu'],
    backend: 'tensorflow',
    what: 'native TensorFlow with CUDA',
    remedy: 'npm run native -- --gpu',
  },
  node: {
    // In this repository the first name is our stand-in, which registers nothing.
    packages: ['@tensorflow/tfjs-node', 'tfjs-node-cpu'],
    backend: 'tensorflow',
    what: 'native TensorFlow',
    remedy: 'npm run native',
  },
  wasm: {
    packages: ['@tensorflow/tfjs-backend-wasm'],
    backend: 'wasm',
    what: 'WebAssembly',
    remedy: 'npm ci',
  },
  cpu: { packages: [], backend: 'cpu', what: 'plain JavaScript', remedy: '' },
};

/** Which TensorFlow.js runs; `line` says so in a sentence. */
export type Backend = { name: string; version: string; line: string };

let chosen: Promise<Backend> | undefined;

/**
 * Starts the fastest TensorFlow.js that loads here, once; `L2L_BACKEND` (gpu, node, wasm or cpu) forces one.
 *
 * @throws where `L2L_BACKEND` names none of them, or one that does not load, with what to install
 */
export function ready(): Promise<Backend> {
  return (chosen ??= start(process.env.L2L_BACKEND));
}

async function start(forced?: string): Promise<Backend> {
  // TensorFlow.js greets from its plain-JavaScript backend unless in production mode.
  tf.enableProdMode();
  if (forced && !Object.hasOwn(builds, forced)) {
    throw new Error(`unknown L2L_BACKEND '${forced}'; there are: ${Object.keys(builds).join(', ')}`);
  }
  for (const name of forced ? [forced] : Object.keys(builds)) {
    const { backend, what, remedy } = builds[name]!;
    if (!load(builds[name]!) || !(await tf.setBackend(backend))) {
      if (forced) throw new Error(`L2L_BACKEND=${name} does not load here: ${remedy}`);
      continue;
    }
    if (name === 'wasm') registerWasmKernels();
    const [cpu] = cpus();
    const line = `TensorFlow.js ${tf.version.tfjs} on ${what}, LSTM on ${kernelName()}; ${cpu?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores`;
    return { name, version: tf.version.tfjs, line };
  }
  throw new Error('no TensorFlow.js backend starts here: run npm ci');
}

/** Requires the first package that registers the backend. */
function load({ packages, backend }: Build): boolean {
  const require = createRequire(__filename);
  // tfjs-node 4.22 calls two functions that Node 23 removed.
  const util = require('node:util') as { [name: string]: unknown };
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
  for (const name of packages) {
    try {
      require(name);
    } catch {
      continue; // not installed, or its binary does not load
    }
    if (tf.findBackendFactory(backend)) return true;
  }
  return packages.length === 0;
}
