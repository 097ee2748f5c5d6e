import type * as tf from '@tensorflow/tfjs';
import { mapParams, ravel, tidy, valueAndGrad } from '../params.js';
import { random } from '../random.js';
import type { Params } from '../types.js';

/** Relative gap between ⟨grads, v⟩ and the central difference of `f` along a random direction v. */
export function directionalError(
  f: (params: Params) => tf.Scalar,
  at: Params,
  grads = valueAndGrad(f, at).grads,
  eps = 1e-2,
): number {
  return tidy(() => {
    const { normal } = random('direction');
    const v = mapParams(at, (p) => normal(p.shape as [number]));
    const shifted = (s: number) => f(mapParams(at, (p, name) => p.add(v[name]!.mul(s)))).dataSync()[0]!;
    const numeric = (shifted(eps) - shifted(-eps)) / (2 * eps);
    const exact = ravel(grads).dot(ravel(v)).dataSync()[0]!;
    return Math.abs(numeric - exact) / (Math.abs(exact) + 1e-12);
  });
}
