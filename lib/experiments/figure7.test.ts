import { afterEach, beforeEach, expect, test } from 'vitest';
import { verdicts } from './claims.js';
import { bestRival, figure7Claims, nearness, familyRuns, type Figure7, type Windows } from './figure7.js';

const fast = process.env.L2L_FAST;
beforeEach(() => void delete process.env.L2L_FAST);
afterEach(() => void (fast && (process.env.L2L_FAST = fast)));

const at = (early: number[], late = early): Windows => ({ early, late });
const around = (value: number, spread = 0.01) => [-2, -1, 0, 1, 2].map((k) => value + k * spread);
const rivals = {
  ADAM: at(around(1), around(0.8)),
  RMSprop: at(around(1.1), around(0.7)),
  SGD: at(around(1.3)),
  NAG: at(around(1.2)),
};
const good: Figure7 = {
  'CIFAR-10': { 'LSTM 1': at(around(0.9), around(0.5)), 'LSTM 2': at(around(0.8), around(0.6)), 'single 1': at(around(0.9)), ...rivals }, // prettier-ignore
  'CIFAR-5': { 'LSTM 1': at(around(0.5)), 'LSTM-sub 1': at(around(0.54)), ...rivals },
  'CIFAR-2': { 'LSTM 1': at(around(0.2)), 'LSTM-sub 1': at(around(0.24)), ...rivals },
};
const holding = (result: Figure7) => verdicts(figure7Claims, result).filter(({ verdict }) => verdict === 'holds').length; // prettier-ignore

test('every claim holds on curves like those of the paper', () => {
  expect(holding(good)).toBe(figure7Claims.length);
  const [early, late] = verdicts(figure7Claims, good);
  expect(early!.ours!.mean).toBeCloseTo(0.85 - 1, 10); // two φ against ADAM
  expect(late!.ours!.mean).toBeCloseTo(0.55 - 0.7, 10); // against RMSprop
});

test('a baseline counts by its own window, and φ by the mean of its seeds', () => {
  expect(bestRival(good['CIFAR-10'], 'early')).toBe('ADAM');
  expect(bestRival(good['CIFAR-10'], 'late')).toBe('RMSprop');
  expect(familyRuns(good['CIFAR-10'], 'LSTM', 'early')[2]).toBeCloseTo(0.85, 10);
  expect(familyRuns(good['CIFAR-5'], 'LSTM', 'early')).toEqual(around(0.5)); // without LSTM-sub
  expect(() => familyRuns(good['CIFAR-10'], 'LSTM-sub', 'early')).toThrow(
    'no runs of LSTM-sub; there are: LSTM 1',
  );
});

test('a lead within the spread of paired runs is none', () => {
  const noisy = [0.2, 1.8, 0.1, 1.9, 0.9];
  const tie = { ...good, 'CIFAR-10': { ...good['CIFAR-10'], 'LSTM 1': at(noisy), 'LSTM 2': at(noisy) } };
  expect(verdicts(figure7Claims, tie).slice(0, 2).map(({ verdict }) => verdict)).toEqual(['does not hold', 'does not hold']); // prettier-ignore
});

test('LSTM-sub is near by ratio, by difference or by spread, and it is said which', () => {
  const panel = (whole: number[], sub: number[]) => ({ 'LSTM 1': at(whole), 'LSTM-sub 1': at(sub) });
  const by = (whole: number[], sub: number[], most = 1.1) => nearness(panel(whole, sub), most).by;
  expect(by(around(1), around(1.05))).toBe('ratio');
  expect(by(around(0.1), around(0.14))).toBe('difference below .05 nats');
  expect(by([1, 1, 1, 1], [1, 1, 1, 2])).toBe('within two standard errors');
  expect(by(around(1), around(1.2))).toBeUndefined();
  expect(by(around(1), around(1.2), 1.3)).toBe('ratio');
});

test('a run that diverged is no small loss', () => {
  const lost = [0.5, 0.5, Infinity, 0.5, 0.5];
  const ours = { ...good['CIFAR-10'], 'LSTM 1': at(lost), 'LSTM 2': at(lost) };
  expect(verdicts(figure7Claims, { ...good, 'CIFAR-10': ours })[1]!.verdict).toBe('does not hold');
  expect(nearness({ 'LSTM 1': at(lost), 'LSTM-sub 1': at(around(1)) }, 1.1).by).toBeUndefined();
});
