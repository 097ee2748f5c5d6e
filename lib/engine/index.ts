import { get, mapParams, tidy } from '../params.js';
import { pick, under, within } from '../partition.js';
import type { LearnedOptimizer, Optimizee, Optimizer, Params, Parts, State } from '../types.js';
import * as plain from '../unroll.js';
import type { MetaGradOptions, Objective, Position, Segment } from '../unroll.js';
import { findMaker } from './choose.js';
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
  if (share !== 1 || !findMaker()) return plain.metaGrad(learned, phi, from, segment, options);
  return exactMetaGrad(learned, phi, from, segment, objective, '');
}

function exactMetaGrad(
  learned: LearnedOptimizer,
  phi: Params,
  from: Position,
  segment: Segment,
  objective: Objective | undefined,
  part: string,
): Params {
  const { parts } = learned.at;
  if (parts) return metaGradOfParts(parts, phi, from, segment, objective, part);
  const fused = fusedMetaGrad(learned.at(phi), from, segment, objective, part);
  return fused ?? plain.metaGrad(learned, phi, from, segment, { ...(objective && { objective }) });
}

/** No part sees the coordinates of another: the meta-gradient of each is its own. */
function metaGradOfParts(
  parts: Parts<Optimizer | LearnedOptimizer>,
  phi: Params,
  { theta, state, t }: Position,
  segment: Segment,
  objective: Objective | undefined,
  part: string,
): Params {
  const each = Object.entries(parts.of).map(([group, m]) => {
    if (!('at' in m)) return {};
    const from = { theta: pick(theta, parts, group), state: state[group], t };
    const own = { ...segment, grads: segment.grads.map((g) => pick(g, parts, group)) };
    return under(group, exactMetaGrad(m, within(phi, group), from, own, objective, `${part}/${group}`));
  });
  const all: Params = Object.assign({}, ...each);
  return mapParams(phi, (_, name) => get(all, name));
}
