/** Labelled examples: inputs one after the other [n × dim], labels 0 or 1 [n]. */
export interface Examples {
  readonly x: Float64Array;
  readonly y: Uint8Array;
  readonly dim: number;
}
