import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { clip } from '../clip.js';
import { quadratic } from '../optimizees/quadratic.js';
import * as optimizers from '../optimizers/index.js';
import { add, get } from '../params.js';
import { partition } from '../partition.js';
import type { Optimizer } from '../types.js';
import { start, unroll } from '../unroll.js';
import { replay } from './replay.js';
import { trajectory } from './trajectory.js';

const fixed = (make: (typeof optimizers)[keyof typeof optimizers]): Optimizer => {
  const made = make();
  return 'at' in made ? made.at(made.init(1)) : made;
};

describe.each(Object.entries(optimizers))('%s', (_, make) => {
  const m = fixed(make);
  const f = quadratic({ dim: 4, batch: 2 })(5);

  test('proposes on its own trajectory what moved it', () => {
    const steps = 6;
    const seen = trajectory(m, f, { steps, coordinates: [1, 6] });
    const updates = replay(m, seen);
    const theta = (after: number) =>
      get(after ? unroll(m, f, start(m, f), after).end.theta : f.theta0, 'theta').dataSync();
    [1, 6].forEach((place, c) =>
      updates[c]!.forEach((update, t) =>
        expect(update).toBeCloseTo(theta(t + 1)[place]! - theta(t)[place]!, 5),
      ),
    );
  });
});

const gradients = [[1, -2, 0.5], [3, 4, -5]]; // prettier-ignore
const two = [
  { parameter: 'a', name: 'a[0]' },
  { parameter: 'b', name: 'b[7]' },
];

test('of a partition, each coordinate is answered by the optimizer of its group', () => {
  const m = partition({ of: optimizers.sgd({ lr: 1 }), other: optimizers.adam({ lr: 0.1 }) }, (name) =>
    name === 'a' ? 'of' : 'other',
  );
  const updates = replay(m, { coordinates: two, gradients });
  expect(updates[0]).toEqual([-1, 2, -0.5]);
  const alone = replay(optimizers.adam({ lr: 0.1 }), { coordinates: [two[1]!], gradients: [gradients[1]!] });
  expect(updates[1]).toEqual(alone[0]);
  expect(() =>
    replay(m, { coordinates: [{ parameter: 'c', name: 'c[0]' }], gradients: [[1]] }),
  ).not.toThrow();
});

test('an optimizer whose coordinates see each other is refused', () => {
  expect(() => replay(clip(optimizers.sgd(), 1), { coordinates: two, gradients })).toThrow('no rows()');
});

test('what looks on sees every step, with the state before it', () => {
  const seen: number[] = [];
  replay(optimizers.rmsprop({ decay: 0.5 }), { coordinates: two, gradients }, ({ state, t, members }) => {
    expect(members).toEqual([0, 1]);
    seen.push(t, get(state as { v: tf.Tensor }, 'v').dataSync()[0]!);
  });
  expect(seen).toEqual([0, 0, 1, 0.5, 2, 0.25 + 2]);
});

test('leaves no tensor behind, also where the one who looks on throws', () => {
  const m = fixed(optimizers.lstm);
  const before = tf.memory().numTensors;
  replay(m, { coordinates: two, gradients });
  expect(() =>
    replay(m, { coordinates: two, gradients }, ({ t }) => {
      if (t === 2) throw new Error('stop');
    }),
  ).toThrow('stop');
  expect(tf.memory().numTensors).toBe(before);
  expect(add({ x: tf.scalar(1) }, { x: tf.scalar(1) })).toBeDefined();
});
