// Losses that the engine computes together with their gradient.
import * as tf from '@tensorflow/tfjs';
import type { Loss, Optimizee, Params, ScaledSpec } from '../types.js';
import { findMaker } from './choose.js';
import { convnetLoss } from './conv.js';
import { flat, named } from './layout.js';
import type { Maker } from './machine.js';
import { classifierLoss } from './mlp.js';
import { quadraticLoss } from './quadratic.js';
import { styleLoss } from './style.js';

/** f_t(θ) and ∇f_t(θ), θ in the order of its names; the gradient is the caller's to keep. */
export type LossAndGradient = (theta: Float32Array, t: number) => { loss: number; gradient: Float32Array };

/** f's loss and gradient where the engine knows f and the names of θ are in its order; undefined elsewhere. */
export function lossOf({ loss: { spec } }: Optimizee, theta: Params): LossAndGradient | undefined {
  const maker = findMaker();
  if (!spec || !maker) return undefined;
  const known = knownLoss(spec, maker);
  return known?.names.join() === Object.keys(theta).join() ? known.lossAndGradient : undefined;
}

type Known = { readonly names: readonly string[]; readonly lossAndGradient: LossAndGradient };

function knownLoss(spec: NonNullable<Loss['spec']>, maker: Maker): Known | undefined {
  if ('of' in spec) return scaledLoss(spec, maker);
  if ('layers' in spec) return styleLoss(spec, maker);
  if ('units' in spec) return classifierLoss(spec, maker);
  return 'filters' in spec ? convnetLoss(spec, maker) : quadraticLoss(spec);
}

/** ∇f(c ∘ θ) = c ∘ ∇f at c ∘ θ. */
function scaledLoss({ of, factors }: ScaledSpec, maker: Maker): Known | undefined {
  const known = knownLoss(of, maker);
  if (!known) return undefined;
  const c = flat(factors);
  const times = (values: Float32Array) => values.map((x, i) => x * c[i]!);
  return {
    names: known.names,
    lossAndGradient(theta, t) {
      const { loss, gradient } = known.lossAndGradient(times(theta), t);
      return { loss, gradient: times(gradient) };
    },
  };
}

/** f with a loss that the engine computes together with its gradient, where it can; f itself elsewhere. The same numbers to 1e-5. */
export function fusedOptimizee(f: Optimizee): Optimizee {
  const lossAndGradient = lossOf(f, f.theta0);
  if (!lossAndGradient) return f;
  return {
    ...f,
    loss(theta, t) {
      const names = Object.keys(f.theta0);
      return tf.customGrad((...args) => {
        const parts = args.slice(0, names.length) as tf.Tensor[];
        const like = Object.fromEntries(parts.map((part, i) => [names[i]!, part]));
        const { loss, gradient } = lossAndGradient(flat(like), t);
        const gradFunc = (dy: tf.Tensor) => Object.values(named(gradient, like)).map((g) => g.mul(dy));
        return { value: tf.scalar(loss), gradFunc };
      })(...names.map((name) => theta[name]!)) as tf.Scalar;
    },
  };
}
