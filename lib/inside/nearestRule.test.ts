import { describe, expect, test } from 'vitest';
import { adam } from '../optimizers/adam.js';
import { lstm } from '../optimizers/lstm.js';
import { nesterov } from '../optimizers/nesterov.js';
import { rmsprop } from '../optimizers/rmsprop.js';
import { sgd } from '../optimizers/sgd.js';
import type { Optimizer } from '../types.js';
import { nearestRule } from './nearestRule.js';
import { replay } from './replay.js';
import { heavyBall, ruleFamilies, signDescent } from './rules.js';

/** Six coordinates whose gradients differ in size and change their mind. */
const seen = {
  coordinates: Array.from({ length: 6 }, (_, c) => ({ parameter: 'x', name: `x[${c}]` })),
  gradients: Array.from({ length: 6 }, (_, c) =>
    Array.from(
      { length: 40 },
      (_, t) => 10 ** -c * (Math.sin(0.7 * t * (c + 1)) + 0.4 * Math.cos(2.3 * t * t)),
    ),
  ),
};
const fits = (m: Optimizer) => nearestRule(replay(m, seen), seen);

describe('a rule is nearest to itself, with its own decays and learning rate', () => {
  test.each<[string, Optimizer, object, number]>([
    ['SGD', sgd({ lr: 0.3 }), {}, 0.3],
    ['momentum', heavyBall({ lr: 0.02, momentum: 0.7 }), { momentum: 0.7 }, 0.02],
    ['NAG', nesterov({ lr: 0.02, momentum: 0.9 }), { momentum: 0.9 }, 0.02],
    ['sign', signDescent({ lr: 3 }), {}, 3],
    ['momentum of signs', signDescent({ lr: 0.1, momentum: 0.5 }), { momentum: 0.5 }, 0.1],
    ['RMSprop', rmsprop({ lr: 0.1, decay: 0.9 }), { scaling: 0.9 }, 0.1],
    ['ADAM', adam({ lr: 0.1, beta1: 0.8, beta2: 0.99 }), { momentum: 0.8, scaling: 0.99 }, 0.1],
  ])('%s', (rule, m, decays, lr) => {
    // Gradient descent is momentum without any, a sign RMSprop that forgets at once: those tie.
    const fit = fits(m).find((f) => f.rule === rule)!;
    expect(fit.decays).toEqual(decays);
    expect(fit.lr).toBeCloseTo(lr, 4);
    expect(fit.unexplained).toBeLessThan(1e-8);
    expect(fits(m)[0]!.unexplained).toBeLessThan(1e-8);
  });
});

test('the nearest comes first, every rule leaves between nothing and all', () => {
  const learned = lstm();
  const all = fits(learned.at(learned.init(1)));
  expect(all.map(({ rule }) => rule).sort()).toEqual(Object.keys(ruleFamilies).sort());
  const left = all.map(({ unexplained }) => unexplained);
  expect(left).toEqual([...left].sort((a, b) => a - b));
  expect(Math.min(...left)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...left)).toBeLessThanOrEqual(1 + 1e-6);
});

test('what is unexplained is the share of the squares that the least squares leave', () => {
  const two = { coordinates: seen.coordinates.slice(0, 1), gradients: [[1, 2]] };
  const [fit] = nearestRule([[-1, -1]], two, { rules: { SGD: ruleFamilies.SGD! } });
  // lr = (1 + 2) / (1 + 4); what is left: (1 − .6)² + (1 − 1.2)² of 2.
  expect(fit!.lr).toBeCloseTo(0.6, 6);
  expect(fit!.unexplained).toBeCloseTo((0.16 + 0.04) / 2, 6);
});

test('with a learning rate for each step, a rule that slows down is explained, too', () => {
  const updates = replay(sgd({ lr: 1 }), seen).map((g) => g.map((x, t) => x / (1 + t)));
  const rules = { SGD: ruleFamilies.SGD! };
  const [fixed] = nearestRule(updates, seen, { rules });
  const [falling] = nearestRule(updates, seen, { rules, scheduled: true });
  expect(fixed!.unexplained).toBeGreaterThan(0.05);
  expect(new Set(fixed!.schedule)).toEqual(new Set([fixed!.lr]));
  expect(falling!.unexplained).toBeLessThan(1e-8);
  expect(falling!.schedule[3]).toBeCloseTo(1 / 4, 5);
  expect(falling!.lr).toBe(fixed!.lr);
});

test('updates of zero, and a rule without members, are refused', () => {
  expect(() => nearestRule([[0, 0]], seen)).toThrow('nothing to explain');
  expect(() => nearestRule([[1]], seen, { rules: { none: { decays: [], at: () => sgd() } } })).toThrow("the rule 'none' has no decays to try"); // prettier-ignore
});
