import type { FeatureLayer } from '../features/network.js';
import type { StyleSpec } from '../types.js';
import { threadsFor } from './limits.js';
import type { LossAndGradient } from './optimizee.js';
import type { Maker } from './machine.js';
import { recent } from './recent.js';

/** The arrays of a kernel that holds one feature network; `holds` says for which f. */
type Network = {
  readonly theta: Float32Array;
  readonly gradient: Float32Array;
  readonly loss: Float32Array;
  /** Numbers of f (see `Numbers` of native/style.c), then its targets. */
  readonly numbers: Float32Array;
  holds?: StyleSpec;
  run(): void;
  close(): void;
};

/** As in native/net.h and native/style.c. */
const neuralArt = 1;
const mostFeatures = 24;
const roomForNumbers = 64;
const fresh = { targets: 1, weights: 2 };

/** Numbers in all arrays beyond which TensorFlow.js computes: about 2 GB. */
const mostNumbers = 2 ** 29;

/** Networks kept for the next call, each with its threads. */
const held = new Map<string, Network>();
const mostHeld = 4;

type Convolution = Extract<FeatureLayer, { kernel: unknown }>;
const isConvolution = (layer: FeatureLayer): layer is Convolution => 'kernel' in layer;

/**
 * The loss of neural art on a network that the kernel knows: convolutions of 3 × 3, average pools one at a time between
 * them, style and content behind convolutions; undefined for another.
 */
export function styleLoss(spec: StyleSpec, maker: Maker) {
  if (!fits(spec)) return undefined;
  const lossAndGradient: LossAndGradient = (theta) => {
    const network = networkFor(maker, spec);
    if (network.holds !== spec) show(network, spec);
    network.theta.set(theta);
    network.run();
    return { loss: network.loss[0]!, gradient: network.gradient.slice() };
  };
  return { names: ['image'], lossAndGradient };
}

function fits({ height, width, layers, content, style }: StyleSpec): boolean {
  const known = layers.every((layer, i) =>
    isConvolution(layer)
      ? layer.kernel.shape[0] === 3 && layer.kernel.shape[1] === 3
      : layer.pool === 'average' && i > 0 && isConvolution(layers[i - 1]!),
  );
  const places = placesOf(style, layers);
  const convolution = (at: number) => at >= 0 && isConvolution(layers[at]!);
  const behind = [...places, ...placesOf([content], layers)].every(convolution);
  const once = new Set(places).size === places.length;
  const ordered = places.every((at, i) => i === 0 || at > places[i - 1]!);
  if (!known || !behind || !once || !ordered || layers.length > mostFeatures) return false;
  let pixels = height * width;
  let numbers = 0;
  for (const layer of layers) {
    if (isConvolution(layer)) numbers += 5 * layer.kernel.size + 7 * pixels * layer.bias.size;
    else pixels /= 4;
  }
  return numbers < mostNumbers;
}

const placesOf = (targets: readonly { layer: string }[], layers: readonly FeatureLayer[]) =>
  targets.map((target) => layers.findIndex(({ name }) => name === target.layer));

/** A number for every layer there ever was: layers are the same where they are the same object. */
const numbered = new WeakMap<FeatureLayer, number>();
let count = 0;
function numberOf(layer: FeatureLayer): number {
  const number = numbered.get(layer) ?? count++;
  numbered.set(layer, number);
  return number;
}

function networkFor(maker: Maker, spec: StyleSpec): Network {
  const { height, width, input, layers, content, style } = spec;
  const styles = placesOf(style, layers).reduce((bits, at) => bits + 2 ** at, 0);
  const widths = layers.map((layer) => (isConvolution(layer) ? layer.bias.size : 0));
  const [at = 0] = placesOf([content], layers);
  const sizes = [neuralArt, height, width, Number(input.order === 'bgr'), layers.length, at, styles, ...widths]; // prettier-ignore
  const threads = threadsFor(3 * height * width);
  const key = JSON.stringify([maker.isa, threads, sizes, layers.map(numberOf)]);
  return recent(
    held,
    key,
    mostHeld,
    () => lay(maker, spec, sizes, threads),
    (network) => network.close(),
  );
}

/** Lets the kernel lay the network over memory, and gives it the weights. */
function lay(maker: Maker, spec: StyleSpec, sizes: readonly number[], threads: number): Network {
  const { memory, fields, run, close } = maker.network(sizes, 0, threads);
  const [weights, numbers, theta, gradient, loss] = fields as [number, number, number, number, number];
  let at = weights;
  for (const { kernel, bias } of spec.layers.filter(isConvolution))
    for (const part of [kernel, bias]) {
      new Float32Array(memory, at, part.size).set(part.dataSync());
      at += 4 * part.size;
    }
  const targets = [spec.content, ...spec.style].reduce((sum, { values }) => sum + values.length, 0);
  const made: Network = {
    numbers: new Float32Array(memory, numbers, roomForNumbers + targets),
    theta: new Float32Array(memory, theta, 3 * spec.height * spec.width),
    gradient: new Float32Array(memory, gradient, 3 * spec.height * spec.width),
    loss: new Float32Array(memory, loss, 1),
    run,
    close,
  };
  made.numbers[0] = fresh.weights;
  return made;
}

/** Gives the kernel another f on the same network. */
function show(network: Network, spec: StyleSpec): void {
  const { numbers } = network;
  const { input, layers, content, style, variation } = spec;
  numbers.set([Math.max(fresh.targets, numbers[0]!), input.scale, ...input.mean, variation, content.weight]);
  placesOf(style, layers).forEach((at, i) => (numbers[7 + at] = style[i]!.weight));
  let at = roomForNumbers;
  for (const { values } of [content, ...style]) {
    numbers.set(values, at);
    at += values.length;
  }
  network.holds = spec;
}
