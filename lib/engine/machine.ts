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
  /** The state before the first step, [block][row][64]; rows h of both layers, then c of both. */
  readonly state: Float32Array;
  /** ∂ Σ ⟨cotangent, update⟩ / ∂φ, in the kernel's order. */
  readonly parameterGradients: Float64Array;
  run(operation: Operation, step: number): void;
  close(): void;
}

/** Numbers of the kernel's operations and arrays, as in native/lstm.h. */
export const operations = { pack: 0, forward: 1, backward: 2, carry: 3, reduce: 4 } as const;
export type Operation = keyof typeof operations;
const fields = {
  parameters: 0,
  gradients: 1,
  updates: 2,
  cotangents: 3,
  state: 4,
  parameterGradients: 5,
} as const;

/** Coordinates of a block, rows of its state, and weights of the kernel's network. */
export const block = 64;
export const stateRows = 80;
export const weights = 5141;

/** What a kernel computes, and how. */
export type Plan = {
  coordinates: number;
  steps: number;
  threads: number;
  /** Keep the activations for the backward pass; they are computed again otherwise. */
  store: boolean;
  scale: number;
  /** Of Appendix A; 0 for gradients as they are. */
  p: number;
};

/** Makes machines; `name` as in `L2L_ENGINE`, `isa` which kernel computes, such as `avx512`. */
export type Maker = { name: 'native' | 'wasm'; isa: string; make(plan: Plan): Machine };

/** Lays the named arrays over a machine's memory; `at` gives the byte offset of an array. */
export function views(buffer: ArrayBufferLike, at: (field: number) => number, { coordinates, steps }: Plan) {
  const padded = Math.ceil(coordinates / block) * block;
  const floats = (field: keyof typeof fields, length: number) =>
    new Float32Array(buffer, at(fields[field]), length);
  return {
    padded,
    parameters: floats('parameters', weights),
    gradients: floats('gradients', steps * padded),
    updates: floats('updates', steps * padded),
    cotangents: floats('cotangents', steps * padded),
    state: floats('state', padded * stateRows),
    parameterGradients: new Float64Array(buffer, at(fields.parameterGradients), weights),
  };
}
