import * as tf from '@tensorflow/tfjs';
import { coordinatewise } from '../coordinatewise.js';
import { adam } from '../optimizers/adam.js';
import { nesterov } from '../optimizers/nesterov.js';
import { rmsprop } from '../optimizers/rmsprop.js';
import { sgd } from '../optimizers/sgd.js';
import { mapParams } from '../params.js';
import type { Optimizer } from '../types.js';

/** A kind of hand-written rule: its optimizer at a learning rate, for every choice of its decays that is tried. */
export interface RuleFamily {
  readonly decays: readonly Decays[];
  at(decays: Decays, lr: number): Optimizer;
}

/** Of the average of gradients (0: only the last one counts) and of squared gradients. */
export type Decays = { readonly momentum?: number; readonly scaling?: number };

/** Gradient descent with classical momentum β (Polyak, 1964): v ← βv + ∇, g = −lr v. */
export function heavyBall({ lr = 0.01, momentum = 0.9 } = {}): Optimizer {
  return coordinatewise({
    init: (n) => ({ v: tf.zeros<tf.Rank.R1>([n]) }),
    update(grad, { v }) {
      v = v.mul<tf.Tensor1D>(momentum).add(grad);
      return [v.mul(-lr), { v }];
    },
  });
}

/** The same with the gradient's sign in the place of the gradient: v ← βv + sgn ∇, g = −lr v; with β = 0 a step of lr. */
export function signDescent({ lr = 0.01, momentum = 0 } = {}): Optimizer {
  const m = heavyBall({ lr, momentum });
  return { ...m, update: (grads, state) => m.update(mapParams(grads, (g) => g.sign()), state) }; // prettier-ignore
}

const momenta = [0.1, 0.3, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99];
const scalings = [0, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999];
const pairs = [0, ...momenta].flatMap((momentum) => scalings.map((scaling) => ({ momentum, scaling })));

/** The rules that an optimizer is held against in {@link nearestRule}. Each with decays near 0 is a simpler one of them. */
export const ruleFamilies: { readonly [name: string]: RuleFamily } = {
  SGD: { decays: [{}], at: (_, lr) => sgd({ lr }) },
  momentum: {
    decays: momenta.map((momentum) => ({ momentum })),
    at: ({ momentum = 0 }, lr) => heavyBall({ lr, momentum }),
  },
  NAG: {
    decays: momenta.map((momentum) => ({ momentum })),
    at: ({ momentum = 0 }, lr) => nesterov({ lr, momentum }),
  },
  sign: { decays: [{}], at: (_, lr) => signDescent({ lr }) },
  'momentum of signs': {
    decays: momenta.map((momentum) => ({ momentum })),
    at: ({ momentum = 0 }, lr) => signDescent({ lr, momentum }),
  },
  RMSprop: {
    decays: scalings.map((scaling) => ({ scaling })),
    at: ({ scaling = 0 }, lr) => rmsprop({ lr, decay: scaling }),
  },
  ADAM: {
    decays: pairs,
    at: ({ momentum = 0, scaling = 0 }, lr) => adam({ lr, beta1: momentum, beta2: scaling }),
  },
};
