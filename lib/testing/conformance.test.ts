import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import * as optimizees from '../optimizees/index.js';
import * as optimizers from '../optimizers/index.js';
import { get, mapParams, size } from '../params.js';
import { random } from '../random.js';
import type { Optimizee, Optimizer, Params, Split } from '../types.js';
import { start, unroll } from '../unroll.js';
import { directionalError } from './gradcheck.js';
import { randomFeatures } from './randomFeatures.js';
import { tiny } from './tiny.js';

/** For neural art: a small network, pictures made up. */
const art = {
  network: randomFeatures(1, [[3], [4]]),
  contents: (seed: number, split: Split) => random('content', split, seed).uniform<tf.Rank.R3>([4, 6, 3]),
  style: random('style').uniform<tf.Rank.R3>([5, 4, 3]),
};
const read = (p: Params) => Object.entries(p).map(([name, x]) => [name, x.shape, Array.from(x.dataSync())]);
const shapes = (p: Params) => Object.entries(p).map(([name, x]) => [name, x.shape]);

describe.each(Object.entries(optimizers))('optimizer %s', (_, make) => {
  const made = make();
  const learned = 'at' in made;
  const m: Optimizer = learned ? made.at(made.init(1)) : made;
  const grads: Params = { a: tf.tensor2d([[1, -2], [3, 4]]), b: tf.scalar(5) }; // prettier-ignore

  const after = (steps: number, g: Params) => {
    let state = m.init(g);
    let updates = g;
    for (let i = 0; i < steps; i++) [updates, state] = m.update(g, state);
    return { updates, state };
  };

  test('updates have the names and shapes of the gradients', () => {
    expect(shapes(after(3, grads).updates)).toEqual(shapes(grads));
  });

  test('is pure: the same gradients and state give the same updates', () => {
    const { state } = after(2, grads);
    expect(read(m.update(grads, state)[0])).toEqual(read(m.update(grads, state)[0]));
    expect(read(after(3, grads).updates)).toEqual(read(after(3, grads).updates));
  });

  test('is coordinatewise: neither place nor neighbours change an update', () => {
    const alone = after(3, { x: tf.tensor1d([1]) }).updates;
    const among = after(3, { x: tf.tensor1d([-2, 1e3, 1, 0.5]) }).updates;
    const value = get(alone, 'x').dataSync()[0]!;
    expect(Math.abs(get(among, 'x').dataSync()[2]! - value)).toBeLessThanOrEqual(1e-6 * Math.abs(value));
  });

  test('some rows of the state go on as they would among the others', () => {
    const many = { x: tf.tensor1d([-2, 1e3, 1, 0.5]) };
    const { state } = after(2, many);
    const rows = tf.tensor1d([3, 0], 'int32');
    const [few] = m.update({ x: get(many, 'x').gather(rows) }, m.rows!(state, rows));
    const [all] = m.update(many, state);
    const expected = get(all, 'x').gather(rows).dataSync();
    get(few, 'x').dataSync().forEach((x, i) => expect(x).toBeCloseTo(expected[i]!, 6)); // prettier-ignore
  });

  // What an untrained network does is anybody's guess.
  if (!learned)
    test('descends a parabola', () => {
      const f: Optimizee = { theta0: { x: tf.tensor1d([1, -2]) }, loss: (p) => get(p, 'x').square().sum() };
      const losses = unroll(m, f, start(m, f), 50).losses.map((loss) => loss.dataSync()[0]!);
      expect(losses.at(-1)!).toBeLessThan(losses[0]!);
    });
});

describe.each(Object.entries(optimizees))('optimizee %s', (_, make) => {
  const family = make({ data: tiny as never, batch: 4, filters: [3, 2], ...art });
  const lossOf = (seed: number, split?: Split) => {
    const f = family(seed, split);
    return f.loss(f.theta0, 0).dataSync()[0];
  };

  test('the same seed and split draw the same function, others another', () => {
    expect(lossOf(0)).toBe(lossOf(0, 'train'));
    const draws = [0, 1].flatMap((seed) =>
      (['train', 'validation', 'test'] as const).map((s) => lossOf(seed, s)),
    );
    expect(new Set(draws).size).toBe(6);
  });

  test('the loss is a scalar and does not depend on what was asked before', () => {
    const f = family(0);
    const first = f.loss(f.theta0, 3);
    f.loss(mapParams(f.theta0, (p) => p.add(1)), 7); // prettier-ignore
    expect(first.shape).toEqual([]);
    expect(f.loss(f.theta0, 3).dataSync()).toEqual(first.dataSync());
  });

  test('the gradient is the numerical gradient', () => {
    const f = family(0);
    const at = mapParams(f.theta0, (p) => p.mul(30)); // away from the flat start
    const short = 1e-3; // a step that meets few kinks of ReLU and max-pooling
    expect(directionalError((p) => f.loss(p, 0), at, undefined, short)).toBeLessThan(5e-3);
    expect(size(f.theta0)).toBeGreaterThan(0);
  });

  test('the loss of a batch is the sum over its functions, and a batch changes no gradient', () => {
    const f = family(0);
    if ((f.count ?? 1) === 1) return;
    // A function whose θ moves changes the sum by its own loss alone.
    const moved = (rows: number[]) =>
      mapParams(f.theta0, (p) =>
        p.add(tf.oneHot(tf.tensor1d(rows, 'int32'), f.count!).sum(0).reshape([-1, 1, 1])),
      );
    const at = (theta: Params) => f.loss(theta, 0).dataSync()[0]!;
    const [none, first, second, both] = [at(f.theta0), at(moved([0])), at(moved([1])), at(moved([0, 1]))];
    expect(first - none + (second - none)).toBeCloseTo(both - none, 3);
    expect(f.count).toBe(4);
  });
});
