/** The arrays that a machine computes with: views of its memory, coordinates padded to whole blocks of 64. */
export interface Machine {
  /** Coordinates after padding. */
  readonly padded: number;
  /** φ in the kernel's order. */
  readonly parameters: Float32Array;
  /** Gradients and updates of every step, [steps][padded]; cotangents of the updates for the backward pass. */
  readonly gradients: Float32Array;
  readonly updates: Float32Array;
  readonly cotangents: Float32Array;
  /** The states before the first step and after the last. */
  readonly first: Place;
  readonly last: Place;
  /** ∂ Σ ⟨cotangent, update⟩ / ∂φ, in the kernel's order. */
  readonly parameterGradients: Float64Array;
  run(operation: Operation, step: number): void;
  close(): void;
}

/** Where a state lies: [block][row][64], of whose `rows` the first are h of both layers, then c of both. */
export type Place = { memory: Float32Array; rows: number };

/** Numbers of the kernel's operations and arrays, as in native/lstm.h. */
export const operations = { pack: 0, forward: 1, backward: 2, carry: 3, reduce: 4, network: 5 } as const;
export type Operation = Exclude<keyof typeof operations, 'network'>;
const fields = {
  parameters: 0,
  gradients: 1,
  updates: 2,
  cotangents: 3,
  state: 4,
  parameterGradients: 5,
  records: 7,
} as const;

/** Coordinates of a block. */
export const block = 64;

/** Rows of a block's state: h and c of two layers. */
const stateRows = (units: number) => 4 * units;

/** Length of φ in the kernel's order: two features and two layers always. */
export const weights = (units: number) => 4 * units * (2 + 3 * units + 2) + units + 1;

/** What a kernel computes, and how. */
export type Plan = {
  coordinates: number;
  steps: number;
  threads: number;
  /** Of each layer, a multiple of 4. */
  units: number;
  layers: 1 | 2;
  /** Keep the activations for the backward pass, 48 units bytes a coordinate and step; they are computed again otherwise. */
  store: boolean;
  scale: number;
  /** Of Appendix A; 0 for gradients as they are. */
  p: number;
};

/** Makes machines; `name` as in `L2L_ENGINE`, `isa` which kernel computes, such as `avx512`, `file` what it was loaded from. */
export type Maker = {
  name: 'native' | 'wasm';
  isa: string;
  file: string;
  /** @throws where the memory cannot be had, naming the sizes */
  make(plan: Plan): Machine;
  /** Memory of so many bytes for a classifier and its minibatch; `run` computes what stands there. */
  classifier(bytes: number): { memory: ArrayBufferLike; offset: number; run(): void };
  /**
   * Memory for a convolutional network and what it is to see, and threads; `run` computes its loss and gradient.
   * @param sizes the whole numbers that `Net` of native/net.h begins with
   * @throws where the memory cannot be had
   */
  network(sizes: readonly number[], epsilon: number, threads: number): NetworkMemory;
  /** Multiply-adds on one thread; returns how many floating-point operations they were. For measurements. */
  fma(rounds: number): number;
};

/** Where a network's arrays begin, in bytes: the two that native/net.h names, θ, its gradient, the loss. */
export type NetworkMemory = { memory: ArrayBufferLike; fields: number[]; run(): void; close(): void };

/** Bytes of a plan's arrays, without those of single blocks. */
export const sizeOf = ({ coordinates, steps, units, store }: Plan) =>
  coordinates * (steps * (12 + (store ? 48 * units : 0)) + 16 * units * (store ? 1 : 2));

/** The error of a plan too large for this machine. */
export function tooLarge(plan: Plan, cause: unknown): Error {
  const { coordinates, steps, units } = plan;
  return new Error(
    `no memory for the engine: ${coordinates} coordinates over ${steps} steps with ${units} units need about ` +
      `${Math.ceil(sizeOf(plan) / 2 ** 20)} MiB; take a shorter unroll, or L2L_ENGINE=plain`,
    { cause },
  );
}

/** Lays the named arrays over a machine's memory; `at` gives the byte offset of an array. */
export function views(
  buffer: ArrayBufferLike,
  at: (field: number) => number,
  { coordinates, steps, units, store }: Plan,
) {
  const padded = Math.ceil(coordinates / block) * block;
  const floats = (field: keyof typeof fields, length: number) =>
    new Float32Array(buffer, at(fields[field]), length);
  // Records of all steps with their gates, or the last state.
  const rows = store ? 3 * stateRows(units) : stateRows(units);
  const records = floats('records', padded * rows * (store ? steps : 1));
  return {
    padded,
    first: { memory: floats('state', padded * stateRows(units)), rows: stateRows(units) },
    last: { memory: records.subarray(store ? padded * rows * (steps - 1) : 0), rows },
    parameters: floats('parameters', weights(units)),
    gradients: floats('gradients', steps * padded),
    updates: floats('updates', steps * padded),
    cotangents: floats('cotangents', steps * padded),
    parameterGradients: new Float64Array(buffer, at(fields.parameterGradients), weights(units)),
  };
}
