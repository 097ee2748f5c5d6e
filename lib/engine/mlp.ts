import type { MlpSpec } from '../types.js';
import type { Maker } from './machine.js';
import { arraysAt, onMinibatches, paddedBatch, type MinibatchArrays } from './minibatch.js';

const activations = ['sigmoid', 'relu', 'tanh'];
const mostLayers = 5;
const held = new Map<string, MinibatchArrays>();

/** The loss of a network that the kernel knows; undefined for another. */
export function classifierLoss(spec: MlpSpec, maker: Maker) {
  if (spec.units.length - 1 > mostLayers) return undefined;
  const classifier = classifierFor(maker, spec);
  const names = spec.units.slice(1).flatMap((_, l) => [`dense${l}/kernel`, `dense${l}/bias`]);
  return { names, lossAndGradient: onMinibatches(spec.examples, () => classifier) };
}

function classifierFor(maker: Maker, { units, batch, activation }: MlpSpec): MinibatchArrays {
  const key = JSON.stringify([maker.isa, units, batch, activation]);
  const found = held.get(key);
  if (found) return found;
  const made = lay(maker, units, batch, activation);
  held.set(key, made);
  return made;
}

/** Lays the structure `Mlp` of native/lstm.h and its arrays over memory of the kernel. */
function lay(maker: Maker, units: readonly number[], batch: number, activation: string): MinibatchArrays {
  const layers = units.length - 1;
  const padded = paddedBatch(batch);
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
  const place = (k: number) => offset + places[k]!;
  const at = { pixels: place(0), labels: place(1), theta: place(2), gradient: place(3), loss: place(5) };
  return { ...arraysAt(memory, at, batch, units[0]!, coordinates), run };
}
