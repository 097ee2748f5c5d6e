import { expect, test } from 'vitest';
import { held } from './again.js';

const made = {
  'learning-to-learn': '1',
  'TensorFlow.js': '2',
  'LSTM kernel': 'native',
  threads: '1',
  node: 'a',
};
const first = Array.from({ length: 40 }, (_, t) => 2 / (t + 1));
const tails = [0.05, 0.07, 0.09]; // mean .07, standard deviation .02; that of `first` is .0674
const nudged = (by: number, from = 0) => first.map((loss, t) => (t < from ? loss : loss * (1 + by)));

test('where everything that decides the bits is the same, the bits must be the same', () => {
  const here = { ...made, node: 'another' };
  expect(held(first, { first, tails }, made, here)).toEqual({
    checked: 'bit for bit',
    agrees: true,
    furthest: 0,
  });
  expect(held(nudged(1e-6, 39), { first, tails }, made, here)).toMatchObject({ agrees: false });
  expect(held(first.slice(1), { first, tails }, made, here)).toMatchObject({ agrees: false });
});

test.each(['learning-to-learn', 'TensorFlow.js', 'LSTM kernel', 'threads'])(
  'another %s: the first five losses to 1e-4, the last twenty within two standard deviations',
  (what) => {
    const here = { ...made, [what]: 'another' };
    const near = (run: number[]) => held(run, { first, tails }, made, here);
    expect(near(nudged(5e-5))).toMatchObject({ checked: 'near', agrees: true });
    expect(near(nudged(2e-4))).toMatchObject({ checked: 'near', agrees: false });
    expect(near(nudged(0.5, 20)).agrees).toBe(true); // .101, within .07 ± .04
    expect(near(nudged(0.7, 20)).agrees).toBe(false); // .115
  },
);
