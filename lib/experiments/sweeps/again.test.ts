import { expect, test } from 'vitest';
import { madeBy } from '../../madeby.js';
import { agreement, held, runAgain } from './again.js';

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
    expect(near(nudged(0.5, 20)).agrees).toBe(true); // .101, within .067 ± .04
    expect(near(nudged(0.7, 20)).agrees).toBe(false); // .115
    // A run that lies far from the others in the file, too.
    const apart = { first, tails: tails.map((tail) => tail + 1) };
    expect(held(first, apart, made, here)).toMatchObject({ checked: 'near', agrees: true });
    expect(held(nudged(0.7, 20), apart, made, here).agrees).toBe(false);
  },
);

test.each([made, { ...made, threads: 'another' }])('a run that diverged agrees with one that diverged, and with no other', (here) => {
  const lost = (from: number, value: number) => first.map((loss, t) => (t < from ? loss : value));
  const agrees = (run: number[], kept: number[]) => held(run, { first: kept, tails: [...tails, Infinity] }, made, here).agrees;
  expect(agrees(lost(30, NaN), lost(30, Infinity))).toBe(true);
  expect(agrees(first, lost(30, Infinity))).toBe(false);
  expect(agrees(lost(3, NaN), first)).toBe(false);
  expect(agrees(lost(30, NaN), first)).toBe(false);
  expect(agrees(first, first)).toBe(true);
}); // prettier-ignore

test('runs are made again up to a number of them, and counted by the rule they are held by', async () => {
  const run = (optimizer: string, made: { [what: string]: string }, by: number) => {
    const again = () => Promise.resolve(nudged(by));
    return { network: 'n', optimizer, made, first, tails, again };
  };
  const here = madeBy();
  const other = { ...here, threads: 'another' };
  const kept = [run('a', here, 0), run('b', here, 1e-6), run('c', other, 5e-5), run('d', here, 1)];
  const reruns = await runAgain(kept, { most: 3 });
  expect(reruns.map(({ optimizer, agrees }) => [optimizer, agrees])).toEqual([['a', true], ['b', false], ['c', true]]); // prettier-ignore
  expect([reruns[1]!.kept, reruns[1]!.losses]).toEqual([first, nudged(1e-6)]);
  const { columns, values } = agreement(reruns);
  expect(columns.slice(0, 3)).toEqual(['compared', 'runs', 'agree']);
  const [exact, near] = values as (string | number)[][];
  expect(exact!.slice(0, 3)).toEqual(['bit for bit', 2, 1]);
  expect(exact![3]).toBeCloseTo(1e-6, 9);
  expect(near!.slice(0, 3)).toEqual(['near', 1, 1]);
});
