import type { Split } from '../types.js';

/** Labelled pictures, kept as bytes; a minibatch becomes tensors only when it is used. */
export interface Dataset {
  readonly name: string;
  /** Shape of one example, such as [28, 28, 1]. */
  readonly shape: readonly number[];
  /** Pixels 0…255, example after example. */
  readonly images: Uint8Array;
  /** Class of every example. */
  readonly labels: Uint8Array;
  /** Number of classes. */
  readonly classes: number;
  /** The rows of each split, `from` included, `to` not; no row is in two. */
  readonly splits: { readonly [name in Split]: readonly [from: number, to: number] };
  /** SHA-256 of the files it was read from. */
  readonly hash: string;
}
