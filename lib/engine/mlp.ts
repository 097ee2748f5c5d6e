import type { MlpSpec } from '../types.js';
import type { Maker } from './machine.js';

/** The arrays of a kernel that holds one classifier and one minibatch. */
type Classifier = {
  readonly pixels: Uint8Array;
  readonly labels: Int32Array;
  readonly theta: Float32Array;
  readonly gradient: Float32Array;
  readonly loss: Float32Array;
  run(): void;
};

const activations = ['sigmoid', 'relu', 'tanh'];
const mostLayers = 5;
const held = new Map<string, Classifier>();

/** The loss of a network that the kernel knows; undefined for another. */
export function classifierLoss(spec: MlpSpec, maker: Maker) {
  if (spec.units.length - 1 > mostLayers) return undefined;
  const classifier = classifierFor(maker, spec);
  const names = spec.units.slice(1).flatMap((_, l) => [`dense${l}/kernel`, `dense${l}/bias`]);
  const lossAndGradient = (theta: Float32Array, t: number) => {
    const { pixels, labels } = spec.examples(t);
    classifier.theta.set(theta);
    classifier.pixels.set(pixels);
    classifier.labels.set(labels);
    classifier.run();
    return { loss: classifier.loss[0]!, gradient: classifier.gradient.slice() };
  };
  return { names, lossAndGradient };
}

function classifierFor(maker: Maker, { units, batch, activation }: MlpSpec): Classifier {
  const key = JSON.stringify([maker.isa, units, batch, activation]);
  const found = held.get(key);
  if (found) return found;
  const made = lay(maker, units, batch, activation);
  held.set(key, made);
  return made;
}

/** Lays the structure `Mlp` of native/lstm.h and its arrays over memory of the kernel. */
function lay(maker: Maker, units: readonly number[], batch: number, activation: string): Classifier {
  const layers = units.length - 1;
  const padded = Math.ceil(batch / 64) * 64;
  const coordinates = units.slice(1).reduce((n, width, l) => n + (units[l]! + 1) * width, 0);
  const all = units.reduce((a, b) => a + b);
  const sizes = [batch * units[0]!, 4 * padded, 4 * coordinates, 4 * coordinates, 4 * all * padded, 4];
  let end = 64; // the structure itself
  const places = sizes.map((bytes) => {
    const at = end;
    end += Math.ceil(bytes / 64) * 64;
    return at;
  });
  const { memory, offset, run } = maker.classifier(end);
  const structure = new Int32Array(memory, offset, 16);
  structure.set([layers, batch, padded, activations.indexOf(activation), ...units]);
  structure.set(places, 10);
  const [pixels, labels, theta, gradient, , loss] = places.map((at) => offset + at);
  return {
    pixels: new Uint8Array(memory, pixels, batch * units[0]!),
    labels: new Int32Array(memory, labels, padded).fill(-1).subarray(0, batch),
    theta: new Float32Array(memory, theta, coordinates),
    gradient: new Float32Array(memory, gradient, coordinates),
    loss: new Float32Array(memory, loss, 1),
    run,
  };
}
