/** Arithmetic on named tensors. */
import * as tf from '@tensorflow/tfjs';
import type { Params, State } from './types.js';

/** The same names with `f` of each tensor. */
export function mapParams(params: Params, f: (p: tf.Tensor, name: string) => tf.Tensor): Params {
  return Object.fromEntries(Object.entries(params).map(([name, p]) => [name, f(p, name)]));
}

/** a + b, by name. Throws where b lacks a name of a. */
export function add(a: Params, b: Params): Params {
  return mapParams(a, (x, name) => x.add(get(b, name)));
}

/** The tensor of this name. Throws, listing the names there are. */
export function get<T extends tf.Tensor = tf.Tensor>(params: Params, name: string): T {
  const p = params[name];
  if (!p) throw new Error(`no parameter '${name}'; there are: ${Object.keys(params).join(', ')}`);
  return p as T;
}

/** Number of coordinates. */
export function size(params: Params): number {
  return Object.values(params).reduce((n, p) => n + p.size, 0);
}

/** All coordinates as one vector [n], in the order of the names. */
export function ravel(params: Params): tf.Tensor1D {
  return tf.concat1d(Object.values(params).map((p) => p.as1D()));
}

/** Inverse of {@link ravel}: cuts `vector` [n] into the names and shapes of `like`. Throws where the sizes differ. */
export function unravel(vector: tf.Tensor1D, like: Params): Params {
  if (vector.size !== size(like)) {
    throw new Error(`cannot cut ${vector.size} coordinates into ${size(like)}`);
  }
  let offset = 0;
  return mapParams(like, (p) => {
    const piece = vector.slice(offset, p.size).reshape(p.shape);
    offset += p.size;
    return piece;
  });
}

/** f(params) and ∂f/∂params for a scalar f. */
export function valueAndGrad(
  f: (params: Params) => tf.Scalar,
  params: Params,
): { value: tf.Scalar; grads: Params } {
  const names = Object.keys(params);
  const named = (xs: tf.Tensor[]): Params => Object.fromEntries(xs.map((x, i) => [names[i], x]));
  const { value, grads } = tf.valueAndGrads((...xs: tf.Tensor[]) => f(named(xs)))(Object.values(params));
  return { value: value as tf.Scalar, grads: named(grads) };
}

/** Every tensor and number in a nest, with its path, such as `outer/m`. */
export function leaves(nest: State | undefined, path = ''): [path: string, leaf: tf.Tensor | number][] {
  if (nest instanceof tf.Tensor || typeof nest === 'number') return [[path, nest]];
  const inside = Object.entries((nest ?? {}) as { [key: string]: State });
  return inside.flatMap(([key, value]) => leaves(value, path ? `${path}/${key}` : key));
}

/** The nest with `f` of every tensor and number. */
export function mapLeaves<S extends State>(
  nest: S,
  f: (leaf: tf.Tensor | number, path: string) => tf.Tensor | number,
  path = '',
): S {
  if (nest instanceof tf.Tensor || typeof nest === 'number') return f(nest, path) as S;
  const inside = Object.entries((nest ?? {}) as { [key: string]: State }).map(([key, value]) => [
    key,
    mapLeaves(value, f, path ? `${path}/${key}` : key),
  ]);
  const mapped = Object.fromEntries(inside) as { [key: string]: State };
  return (Array.isArray(nest) ? Object.values(mapped) : mapped) as S;
}

/** Disposes the tensors of `old` that `kept` does not hold. */
export function release(old: State | undefined, kept?: State): void {
  const stay = new Set(leaves(kept).map(([, leaf]) => leaf));
  for (const [, leaf] of leaves(old)) if (leaf instanceof tf.Tensor && !stay.has(leaf)) leaf.dispose();
}

/** `tf.tidy` for results that TensorFlow.js types too narrowly. */
export function tidy<T>(f: () => T): T {
  return tf.tidy(f as () => tf.TensorContainer) as T;
}
