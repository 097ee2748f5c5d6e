import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { rivalGrids } from '../experiments/calibration.js';
import { comparedStreams } from './compared.js';
import { rivals } from './index.js';
import { logistic, sigmoid } from './logistic.js';
import { platt } from './platt.js';
import { decision, kernelOf, svm } from './svm.js';

const streams = comparedStreams();
const scikit = JSON.parse(readFileSync(join(__dirname, 'scikit.json'), 'utf8')) as {
  grids: unknown;
  losses: { [rival: string]: number }[];
};

describe.each(Object.entries(rivals))('%s', (name, fit) => {
  test("has scikit-learn's cross-entropy on 20 data sets, to 1e-4, with the same folds and grid", () => {
    expect(scikit.grids).toEqual(rivalGrids);
    const gaps = streams.map((stream, i) =>
      Math.abs(fit(stream, rivalGrids).loss - scikit.losses[i]![name]!),
    );
    expect(gaps.length).toBe(20);
    expect(Math.max(...gaps)).toBeLessThan(1e-4);
  });

  test('does not look at the labels of the test part', () => {
    const [stream] = streams;
    const { train } = stream!;
    const flipped = { ...stream!, y: stream!.y.map((label, i) => (i < train ? label : 1 - label)) };
    expect(fit(flipped, rivalGrids).chosen).toEqual(fit(stream!, rivalGrids).chosen);
  });
});

const { x, y, dim, train } = streams[0]!;
const rows = Array.from({ length: train }, (_, i) => i);
const input = (row: number, j: number) => (j === dim ? 1 : x[row * dim + j]!);

describe('logistic regression', () => {
  const slopes = (w: Float64Array, C: number) =>
    Array.from(w, (_, j) => {
      const error = (row: number) => sigmoid(Array.from(w).reduce((s, wj, k) => s + wj * input(row, k), 0)) - y[row]!; // prettier-ignore
      return C * rows.reduce((sum, row) => sum + error(row) * input(row, j), 0);
    });

  test('with L2 stands where the slope of the loss is −w, and 0 for the intercept', () => {
    const w = logistic({ x, y, dim }, rows, 'L2', 0.3);
    slopes(w, 0.3).forEach((slope, j) => expect(slope).toBeCloseTo(j === dim ? 0 : -w[j]!, 6));
  });

  test('with L1 stands where the slope is −sign(w), or below 1 where w is 0', () => {
    const w = logistic({ x, y, dim }, rows, 'L1', 1);
    const slope = slopes(w, 1);
    expect(Array.from(w.subarray(0, dim)).some((wj) => wj === 0)).toBe(true);
    expect(Array.from(w.subarray(0, dim)).some((wj) => wj !== 0)).toBe(true);
    w.subarray(0, dim).forEach((wj, j) =>
      wj === 0 ? expect(Math.abs(slope[j]!)).toBeLessThanOrEqual(1) : expect(slope[j]).toBeCloseTo(-Math.sign(wj), 6),
    ); // prettier-ignore
    expect(slope[dim]).toBeCloseTo(0, 6);
  });

  test('of one class alone is the smoothed frequency', () => {
    const w = logistic({ x, y: y.map(() => 1), dim }, rows, 'L2', 1);
    expect(sigmoid(w[dim]!)).toBeCloseTo((train + 1) / (train + 2));
  });
});

test("Platt's sigmoid of decision values that say nothing is the frequency of the labels", () => {
  const { a, b } = platt([1, 1, 1, 1], [1, 1, 1, 0]);
  expect(a).toBe(0);
  expect(sigmoid(-b)).toBeCloseTo((3 * (4 / 5) + 1 / 3) / 4, 8);
});

describe('a support vector machine', () => {
  const C = 3;
  const kernel = kernelOf({ x, dim }, 0.5);
  const machine = svm(kernel, y, rows, C, { tolerance: 1e-8 });

  test('fulfils the Karush–Kuhn–Tucker conditions', () => {
    rows.forEach((row, i) => {
      const sign = y[row] ? 1 : -1;
      const alpha = sign * machine.coefficients[i]!;
      const margin = sign * decision(kernel, rows, machine, row);
      if (alpha === 0) expect(margin).toBeGreaterThan(1 - 1e-6);
      else if (alpha === C) expect(margin).toBeLessThan(1 + 1e-6);
      else expect(margin).toBeCloseTo(1, 6);
    });
    expect(machine.coefficients.reduce((a, b) => a + b)).toBeCloseTo(0, 10);
  });

  test('is the same from another start', () => {
    const start = svm(kernel, y, rows, 1).coefficients.map((b) => (Math.abs(b) === 1 ? b * C : b * C));
    const again = svm(kernel, y, rows, C, { start, tolerance: 1e-8 });
    expect(again.b).toBeCloseTo(machine.b, 6);
    expect(decision(kernel, rows, again, train)).toBeCloseTo(decision(kernel, rows, machine, train), 6);
  });
});

test("Platt's sigmoid stands where both slopes of its loss are 0", () => {
  const decisions = [-2, -1, 0.5, 1, 3, -0.2];
  const labels = [0, 0, 1, 0, 1, 1];
  const { a, b } = platt(decisions, labels);
  const gaps = decisions.map((f, i) => sigmoid(-a * f - b) - (labels[i] ? 4 / 5 : 1 / 5)); // (3 + 1) / (3 + 2)
  expect(gaps.reduce((sum, gap) => sum + gap)).toBeCloseTo(0, 8);
  expect(gaps.reduce((sum, gap, i) => sum + gap * decisions[i]!, 0)).toBeCloseTo(0, 8);
});
