import { tidy } from '../params.js';
import type { LearnedOptimizer, Optimizee, Optimizer, Params, State } from '../types.js';
import * as plain from '../unroll.js';
import type { MetaGradOptions, Position, Segment } from '../unroll.js';
import { fusedMetaGrad, fusedSegment, fusedUnroll } from './fused.js';
import { fusedOptimizee } from './optimizee.js';

export { kernelName } from './choose.js';

/** `unroll` of lib/unroll.ts, faster where an engine knows the optimizer's network, or f's; the same numbers to 1e-5. */
export function unroll<S extends State>(
  optimizer: Optimizer<S>,
  f: Optimizee,
  from: Position<S>,
  steps: number,
): Segment<S> {
  return tidy(() => {
    const whole = fusedUnroll(optimizer, f, from, steps);
    if (whole) return whole;
    const fast = fusedOptimizee(f);
    const fused = fusedSegment(optimizer, from, steps);
    return fused
      ? fused.finish(plain.unroll(fused.optimizer, fast, from, steps))
      : plain.unroll(optimizer, fast, from, steps);
  });
}

/** `metaGrad` of lib/unroll.ts, faster where an engine knows the optimizer's network; a sample takes the plain path. */
export function metaGrad<S extends State>(
  learned: LearnedOptimizer<S>,
  phi: Params,
  from: Position<S>,
  segment: Segment<S>,
  options: MetaGradOptions = {},
): Params {
  const { share = 1, objective } = options;
  const fused = share === 1 ? fusedMetaGrad(learned.at(phi), from, segment, objective) : undefined;
  return fused ?? plain.metaGrad(learned, phi, from, segment, options);
}
