import type { Examples } from './examples.js';

export type Penalty = 'L1' | 'L2';

/**
 * Logistic regression: minimises C Σ log(1 + e^{−y(w·x + b)}) + ‖w‖₁ or ½‖w‖², y = ±1; b is not penalised.
 *
 * Proximal Newton as in glmnet (Friedman, Hastie & Tibshirani, *Regularization paths for generalized linear models via
 * coordinate descent*, 2010): coordinate descent on the quadratic model, then a step that is halved until it descends.
 *
 * @returns w [dim] and, as its last entry, b
 */
export function logistic({ x, y, dim }: Examples, rows: readonly number[], penalty: Penalty, C: number) {
  const width = dim + 1;
  const n = rows.length;
  const inputs = Float64Array.from({ length: n * width }, (_, i) => {
    const j = i % width;
    return j === dim ? 1 : x[rows[Math.floor(i / width)]! * dim + j]!;
  });
  const positive = rows.filter((row) => y[row]).length;
  // One class alone would draw b to infinity: the smoothed frequency instead, as in Platt's targets.
  if (positive === 0 || positive === n)
    return new Float64Array(width).fill(Math.log((positive + 1) / (n - positive + 1)), dim);
  const [l1, l2] = penalty === 'L1' ? [1, 0] : [0, 1];

  const scoresOf = (w: Float64Array): Float64Array => {
    const scores = new Float64Array(n);
    for (let i = 0; i < n; i++) for (let j = 0; j < width; j++) scores[i]! += w[j]! * inputs[i * width + j]!;
    return scores;
  };
  const objective = (w: Float64Array, scores: Float64Array): number => {
    let total = 0;
    for (let i = 0; i < n; i++) total += C * softplus(y[rows[i]!] ? -scores[i]! : scores[i]!);
    for (let j = 0; j < dim; j++) total += l1 * Math.abs(w[j]!) + 0.5 * l2 * w[j]! ** 2;
    return total;
  };

  let w = new Float64Array(width);
  let scores = scoresOf(w);
  let value = objective(w, scores);
  for (let newton = 0; newton < 100; newton++) {
    const grad = new Float64Array(width);
    const hessian = new Float64Array(width * width);
    for (let i = 0; i < n; i++) {
      const p = sigmoid(scores[i]!);
      const curvature = C * Math.max(p * (1 - p), 1e-10);
      for (let j = 0; j < width; j++) {
        const xj = inputs[i * width + j]!;
        grad[j]! += C * (p - y[rows[i]!]!) * xj;
        for (let k = 0; k < width; k++) hessian[j * width + k]! += curvature * xj * inputs[i * width + k]!;
      }
    }
    const step = proximalStep(w, grad, hessian, l1, l2);
    let [size, next] = [1, w];
    let [nextScores, nextValue] = [scores, value];
    for (; size > 1e-10; size /= 2) {
      next = w.map((wj, j) => wj + size * step[j]!);
      nextScores = scoresOf(next);
      nextValue = objective(next, nextScores);
      if (nextValue <= value) break;
    }
    const gain = value - nextValue;
    if (gain >= 0) [w, scores, value] = [next, nextScores, nextValue];
    if (gain <= 1e-13 * Math.abs(value)) break;
  }
  return w;
}

/** The minimum of grad·s + ½ sᵀHs + the penalty at w + s, by coordinate descent; the last coordinate has no penalty. */
function proximalStep(w: Float64Array, grad: Float64Array, hessian: Float64Array, l1: number, l2: number) {
  const width = w.length;
  const step = new Float64Array(width);
  const slope = Float64Array.from(grad); // of the quadratic model at w + step
  for (let sweep = 0; sweep < 1000; sweep++) {
    let largest = 0;
    for (let j = 0; j < width; j++) {
      const free = j === width - 1;
      const at = w[j]! + step[j]!;
      const curvature = hessian[j * width + j]! + (free ? 0 : l2);
      const target = hessian[j * width + j]! * at - slope[j]!;
      const shrunk = free ? target : Math.sign(target) * Math.max(Math.abs(target) - l1, 0);
      const change = shrunk / curvature - at;
      if (change === 0) continue;
      step[j]! += change;
      for (let k = 0; k < width; k++) slope[k]! += change * hessian[k * width + j]!;
      largest = Math.max(largest, Math.abs(change));
    }
    if (largest < 1e-10) break;
  }
  return step;
}

export const sigmoid = (score: number): number => 1 / (1 + Math.exp(-score));

/** log(1 + e^score), without overflow. */
export const softplus = (score: number): number =>
  Math.max(score, 0) + Math.log1p(Math.exp(-Math.abs(score)));
