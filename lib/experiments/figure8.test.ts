import { afterEach, beforeEach, expect, test } from 'vitest';
import { baselines } from './baselines.js';
import { verdicts, verdictsOver } from './claims.js';
import { asBefore, bestAt, figure8Claims, leadsFrom, type Figure8 } from './figure8.js';
import { staying, zoom } from './figure8Lines.js';

const fast = process.env.L2L_FAST;
beforeEach(() => void delete process.env.L2L_FAST);
afterEach(() => void (fast && (process.env.L2L_FAST = fast)));

const rivals = Object.keys(baselines);
/** Five contents that differ much, so that only pairs show a small lead. */
const runs = (loss: (t: number) => number, spread = 0.001) =>
  [1, 2, 3, 4, 5].map((content, i) =>
    Array.from({ length: 129 }, (_, t) => content * (loss(t) + spread * ((i % 2) - 0.5))),
  );
const hand = (name: (rival: string) => string, loss: number) =>
  Object.fromEntries(rivals.map((rival, i) => [name(rival), runs(() => loss + i / 10)]));
const same = (rival: string) => rival;
const good: Figure8 = {
  left: { LSTM: runs((t) => (t < 8 ? 2 : 0.9)), ...hand(same, 1) },
  right: { LSTM: runs(() => 0.9), ...hand(same, 1), ...hand(asBefore, 1.05) },
};
const verdict = (result: Figure8) =>
  verdicts(figure8Claims, result).map(({ verdict }) => verdict === 'holds');

test('every claim holds where the LSTM is lowest from step 8 on', () => {
  expect(verdict(good)).toEqual([true, true, true, true, true]);
  const [lead, from, , ratio] = verdicts(figure8Claims, good).map(({ ours }) => ours?.mean);
  expect(lead).toBeCloseTo(-0.3, 10); // mean content 3, best rival 1
  expect(from).toBe(8);
  expect(ratio).toBeCloseTo(0.9, 4);
});

test('a lead must hold against every rival, beyond two standard errors, and on to the end', () => {
  const left = (loss: (t: number) => number, spread?: number) => ({ ...good, left: { ...good.left, LSTM: runs(loss, spread) } }); // prettier-ignore
  expect(verdict(left(() => 0.99, 0.2)).slice(0, 2)).toEqual([false, false]);
  expect(verdict(left(() => 1.05)).slice(0, 2)).toEqual([false, false]); // below three of four
  expect(verdict(left((t) => (t === 128 ? 2 : 0.5))).slice(0, 2)).toEqual([false, false]);
  expect(verdict(left((t) => (t < 11 ? 2 : 0.5))).slice(0, 2)).toEqual([true, false]);
  expect(leadsFrom(left((t) => (t === 100 ? 2 : 0.5)).left)).toBe(101);
});

test('on the new style a tie is within 5 %, and the rates as before are other rivals', () => {
  const right = (loss: number) => ({ ...good, right: { ...good.right, LSTM: runs(() => loss) } });
  expect(verdict(right(1.03)).slice(2)).toEqual([true, true, false]);
  expect(verdict(right(1.06)).slice(2)).toEqual([false, false, false]);
  expect(bestAt(good.right, rivals.map(asBefore))).toBe(asBefore(rivals[0]!));
});

test('a rival that diverged is beaten, an LSTM that diverged beats nobody', () => {
  const lost = runs(() => Infinity);
  const rivalLost = { ...good, right: { ...good.right, [asBefore('SGD')]: lost } };
  expect(verdict(rivalLost)).toEqual([true, true, true, true, true]);
  const ours = { left: { ...good.left, LSTM: lost }, right: { ...good.right, LSTM: lost } };
  expect(verdict(ours)).toEqual([false, false, false, false, false]);
});

test('an LSTM that never leads has no first step, and counts for itself among several', () => {
  const never = { ...good, left: { ...good.left, LSTM: runs(() => 3) } };
  expect(verdicts(figure8Claims, never)[1]!.ours).toBeNull();
  expect(verdictsOver(figure8Claims, [good, never])[1]).toMatchObject({ ours: { mean: 8 }, verdict: 'holds for 1 of 2' }); // prettier-ignore
});

test('the axis is zoomed from the lowest end to the highest value at a step', () => {
  const line = (mean: number[]) => ({ mean, low: mean, high: mean });
  const lines = { LSTM: line([9, 4, 1]), SGD: line([9, 8, 3]), NAG: line([9, Infinity, 2]) };
  expect(zoom(lines, 1)).toEqual([1 / 1.05, 8 * 1.05]);
});

test('a run that diverged is in no line', () => {
  expect(staying([[2, 1], [2, Infinity], [NaN, 1]])).toEqual([[2, 1]]); // prettier-ignore
});
