import { describe, expect, test } from 'vitest';
import { xorGaussians, type Stream } from './xorGaussians.js';

const column = ({ x, dim }: Stream, j: number) => Array.from(x).filter((_, i) => i % dim === j);
const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;

describe('XOR of Gaussians', () => {
  const family = xorGaussians({ dim: 3, noise: 1 });

  test('the same seed and split draw the same stream, others another', () => {
    expect(family(1, 'validation')).toEqual(family(1, 'validation'));
    const firsts = [0, 1].flatMap((seed) =>
      (['train', 'validation', 'test'] as const).map((split) => family(seed, split).x[0]),
    );
    expect(new Set(firsts).size).toBe(6);
  });

  test('every input is centred and of unit variance', () => {
    const stream = family(3);
    for (let j = 0; j < 3; j++) {
      const values = column(stream, j);
      expect(mean(values)).toBeCloseTo(0, 10);
      expect(mean(values.map((v) => v ** 2))).toBeCloseTo(1, 10);
    }
  });

  test('the rarer class has its share, and the training part varies within its range', () => {
    const streams = Array.from({ length: 50 }, (_, i) => family(i));
    for (const { y, train } of streams) {
      const share = mean(Array.from(y));
      expect(Math.min(share, 1 - share)).toBeGreaterThanOrEqual(0.15);
      expect(train).toBeGreaterThanOrEqual(20);
      expect(train).toBeLessThanOrEqual(180);
    }
    expect(new Set(streams.map(({ train }) => train)).size).toBeGreaterThan(20);
  });

  test('without noise the labels are the same, clean or noisy', () => {
    const make = (labels: 'clean' | 'noisy') => xorGaussians({ noise: 0, labels })(5);
    expect(make('clean')).toEqual(make('noisy'));
  });

  test('cut at zero, y is nearly even in x: opposite examples of a plane share a label', () => {
    // In one dimension both functionals have the sign of x or of −x: no label changes within a class, so none is drawn.
    const { x, y } = xorGaussians({ dim: 2, noise: 0, threshold: 'zero', steps: 400 })(2);
    const angle = (t: number) => Math.atan2(x[2 * t + 1]!, x[2 * t]!);
    // The line through the origin at angle a has one label on both sides: neighbours at a and a + π agree.
    const byAngle = Array.from(y, (_, t) => t).sort((a, b) => angle(a) - angle(b));
    const opposite = (a: number) =>
      byAngle.reduce((best, t) => (gap(angle(t), a) < gap(angle(best), a) ? t : best));
    const gap = (a: number, b: number) => Math.abs(Math.atan2(Math.sin(a - b), Math.cos(a - b)));
    const agree = byAngle.filter((t) => y[t] === y[opposite(angle(t) + Math.PI)]).length;
    expect(agree / y.length).toBeGreaterThan(0.85);
  });

  test('options out of range are refused, saying what came', () => {
    expect(() => xorGaussians({ dim: 0 })).toThrow('dim must be a whole number from 1 up, got 0');
    expect(() => xorGaussians({ noise: -1 })).toThrow('noise must be at least 0, got -1');
    expect(() => xorGaussians({ steps: 1 })).toThrow('steps must be from 2 up, got 1');
    expect(() => xorGaussians({ minority: 0.5 })).toThrow('minority must be in [0, .5), got 0.5');
  });
});
