import { sideBehind } from '../optimizees/convnet.js';
import type { ConvSpec } from '../types.js';
import { threadsFor } from './limits.js';
import type { Maker } from './machine.js';
import { arraysAt, onMinibatches, type MinibatchArrays } from './minibatch.js';
import { recent } from './recent.js';

type Network = MinibatchArrays & { close(): void };

/** As in native/net.h. */
const classifier = 0;
const mostConvolutions = 8;
const mostDense = 4;
const kernels = [3, 5];

/** Numbers in the arrays of all pictures beyond which TensorFlow.js computes: about 2 GB. */
const mostNumbers = 2 ** 28;

/** Networks kept for the next call, each with its threads. */
const held = new Map<string, Network>();
const mostHeld = 4;

/**
 * The loss of a convolutional network that the kernel knows: one to eight convolutions of 3 × 3 or 5 × 5 with any number of
 * channels, one to four dense layers; undefined for another. The gradient of a bias in front of a batch norm is exactly 0.
 */
export function convnetLoss(spec: ConvSpec, maker: Maker) {
  if (!fits(spec)) return undefined;
  const layers = [
    ...spec.filters.map((_, l) => ({ name: `conv${l}`, normalised: true })),
    ...spec.dense.map((_, l) => ({ name: `dense${l}`, normalised: l < spec.dense.length - 1 })),
  ];
  const names = layers.flatMap(({ name, normalised }) =>
    ['kernel', 'bias', ...(normalised ? ['offset'] : [])].map((part) => `${name}/${part}`),
  );
  return { names, lossAndGradient: onMinibatches(spec.examples, () => networkFor(maker, spec)) };
}

function fits({ side, channels, filters, kernel, dense, batch }: ConvSpec): boolean {
  const few = filters.length <= mostConvolutions && dense.length <= mostDense;
  const known = kernels.includes(kernel) && few;
  const widest = Math.max(channels, ...filters, ...dense);
  return known && filters.length > 0 && dense.length > 0 && batch * side ** 2 * widest < mostNumbers;
}

function networkFor(maker: Maker, spec: ConvSpec): Network {
  const key = JSON.stringify([maker.isa, threadsFor(coordinates(spec)), spec]);
  return recent(
    held,
    key,
    mostHeld,
    () => lay(maker, spec),
    (network) => network.close(),
  );
}

/** Inputs of each layer, the convolutions first, then the dense ones. */
function inputs({ side, channels, filters, pool, average, dense }: ConvSpec) {
  const last = average ? 1 : sideBehind(side, filters.length, pool);
  return { convolutions: [channels, ...filters], dense: [last ** 2 * filters.at(-1)!, ...dense] };
}

/** Numbers in θ. */
function coordinates(spec: ConvSpec): number {
  const { filters, kernel, dense } = spec;
  const from = inputs(spec);
  const sizes = [
    ...filters.map((out, l) => (kernel ** 2 * from.convolutions[l]! + 2) * out),
    ...dense.map((out, l) => (from.dense[l]! + (l < dense.length - 1 ? 2 : 1)) * out),
  ];
  return sizes.reduce((a, b) => a + b);
}

/** Lets the kernel lay the network and its arrays over memory. */
function lay(maker: Maker, spec: ConvSpec): Network {
  const { side, channels, filters, pool, average = false, kernel, dense, epsilon, batch } = spec;
  const all = coordinates(spec);
  const padded = (sizes: readonly number[], to: number) => [
    ...sizes,
    ...Array<number>(to - sizes.length).fill(0),
  ];
  const sizes = [
    classifier,
    batch,
    side,
    channels,
    kernel,
    filters.length,
    dense.length,
    ...padded(filters, mostConvolutions),
    ...padded(
      filters.map((_, l) => Number(pool?.[l] ?? true)),
      mostConvolutions,
    ),
    Number(average),
    ...padded(dense, mostDense),
  ];
  const { memory, fields, run, close } = maker.network(sizes, epsilon, threadsFor(all));
  const [pixels, labels, theta, gradient, loss] = fields as [number, number, number, number, number];
  const at = { pixels, labels, theta, gradient, loss };
  return { ...arraysAt(memory, at, batch, side ** 2 * channels, all), run, close };
}
