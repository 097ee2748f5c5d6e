import { sigmoid, softplus } from './logistic.js';

/** P(y = 1) = 1 / (1 + e^{a·decision + b}). */
export type Platt = { readonly a: number; readonly b: number };

/**
 * Platt's sigmoid for decision values (*Probabilistic outputs for support vector machines*, 1999): logistic regression on one
 * input, whose targets are drawn away from 0 and 1 by his prior; Newton steps as in Lin, Lin & Weng, *A note on Platt's
 * probabilistic outputs*, 2007.
 */
export function platt(decisions: readonly number[], labels: readonly number[]): Platt & { loss: number } {
  const positive = labels.filter(Boolean).length;
  const negative = labels.length - positive;
  const [high, low] = [(positive + 1) / (positive + 2), 1 / (negative + 2)];
  const target = labels.map((label) => (label ? high : low));
  // About their mean, so that decision values that are all the same, which say nothing, leave a at 0.
  const centre = decisions.reduce((sum, f) => sum + f, 0) / decisions.length;
  const centred = decisions.map((f) => f - centre);
  const lossOf = (a: number, b: number) =>
    centred.reduce((sum, f, i) => sum + softplus(a * f + b) - (1 - target[i]!) * (a * f + b), 0);

  let [a, b] = [0, Math.log((negative + 1) / (positive + 1))];
  let loss = lossOf(a, b);
  for (let newton = 0; newton < 100; newton++) {
    let [ga, gb, haa, hab, hbb] = [0, 0, 1e-12, 0, 1e-12];
    centred.forEach((f, i) => {
      const p = sigmoid(-a * f - b);
      const [slope, curvature] = [target[i]! - p, p * (1 - p)];
      ga += slope * f;
      gb += slope;
      haa += curvature * f * f;
      hab += curvature * f;
      hbb += curvature;
    });
    const determinant = haa * hbb - hab * hab;
    const [da, db] = [-(hbb * ga - hab * gb) / determinant, -(haa * gb - hab * ga) / determinant];
    let size = 1;
    while (size > 1e-10 && !(lossOf(a + size * da, b + size * db) < loss)) size /= 2;
    if (size <= 1e-10) break;
    [a, b] = [a + size * da, b + size * db];
    loss = lossOf(a, b);
    if (Math.abs(ga) + Math.abs(gb) < 1e-9) break;
  }
  return { a, b: b - a * centre, loss: loss / labels.length };
}
