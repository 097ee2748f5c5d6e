/** A kernel matrix [n × n] of all examples, from which a training set takes its rows and columns. */
export type Kernel = { readonly n: number; readonly values: Float64Array };

/** w·x (no gamma) or exp(−γ‖x − x'‖²) between all examples. */
export function kernelOf({ x, dim }: { x: Float64Array; dim: number }, gamma?: number): Kernel {
  const n = x.length / dim;
  const values = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let k = 0; k < dim; k++) {
        const [a, b] = [x[i * dim + k]!, x[j * dim + k]!];
        sum += gamma === undefined ? a * b : (a - b) ** 2;
      }
      values[i * n + j] = gamma === undefined ? sum : Math.exp(-gamma * sum);
    }
  return { n, values };
}

/** α_i y_i of every training row, and the offset b of the decision Σ_i α_i y_i K(x_i, x) + b. */
export type Machine = { readonly coefficients: Float64Array; readonly b: number };

/**
 * A soft-margin support vector machine: sequential minimal optimization of the dual, the pair of coefficients chosen by
 * second-order information (Fan, Chen & Lin, *Working set selection using second order information for training support
 * vector machines*, 2005: WSS 3), to a violation of `tolerance`.
 *
 * @param start coefficients that are feasible for C, such as those of a smaller C
 */
export function svm(
  { n, values }: Kernel,
  labels: Uint8Array,
  rows: readonly number[],
  C: number,
  { start, tolerance = 1e-5 }: { start?: Float64Array; tolerance?: number } = {},
): Machine {
  const m = rows.length;
  const k = new Float64Array(m * m);
  for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) k[i * m + j] = values[rows[i]! * n + rows[j]!]!;
  const y = Float64Array.from(rows, (row) => (labels[row] ? 1 : -1));
  const beta = start ? Float64Array.from(start) : new Float64Array(m); // α_i y_i, in [0, C] or [−C, 0]
  const low = y.map((sign) => (sign > 0 ? 0 : -C));
  const high = y.map((sign) => (sign > 0 ? C : 0));
  // y_i − Σ_j β_j K_ij: how much the dual gains from more of β_i.
  const gain = Float64Array.from(y);
  if (start) for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) gain[i]! -= beta[j]! * k[i * m + j]!;

  let [top, bottom] = [0, 0];
  for (let iteration = 0; iteration < 200_000; iteration++) {
    let up = -1;
    [top, bottom] = [-Infinity, Infinity];
    for (let i = 0; i < m; i++) {
      if (beta[i]! < high[i]! && gain[i]! > top) [top, up] = [gain[i]!, i];
      if (beta[i]! > low[i]! && gain[i]! < bottom) bottom = gain[i]!;
    }
    if (up < 0 || top - bottom < tolerance) break;
    let [down, best] = [-1, 0];
    for (let j = 0; j < m; j++) {
      const gap = top - gain[j]!;
      if (beta[j]! <= low[j]! || gap <= 0) continue;
      const merit = gap ** 2 / Math.max(k[up * m + up]! + k[j * m + j]! - 2 * k[up * m + j]!, 1e-12);
      if (merit > best) [best, down] = [merit, j];
    }
    if (down < 0) break;
    const curvature = Math.max(k[up * m + up]! + k[down * m + down]! - 2 * k[up * m + down]!, 1e-12);
    const step = Math.min((top - gain[down]!) / curvature, high[up]! - beta[up]!, beta[down]! - low[down]!);
    // A coefficient that reaches its bound is put on it exactly, so that it is not chosen again for a rounding error.
    beta[up] = step === high[up]! - beta[up]! ? high[up]! : beta[up]! + step;
    beta[down] = step === beta[down]! - low[down]! ? low[down]! : beta[down]! - step;
    for (let i = 0; i < m; i++) gain[i]! -= step * (k[i * m + up]! - k[i * m + down]!);
  }
  return { coefficients: beta, b: offset(beta, low, high, gain, top, bottom) };
}

/** b from the free coefficients, whose gain is b itself; without any, the middle of what is possible. */
function offset(
  beta: Float64Array,
  low: Float64Array,
  high: Float64Array,
  gain: Float64Array,
  top: number,
  bottom: number,
): number {
  const free = gain.filter((_, i) => beta[i]! > low[i]! && beta[i]! < high[i]!);
  if (free.length) return free.reduce((sum, g) => sum + g, 0) / free.length;
  return Number.isFinite(top + bottom) ? (top + bottom) / 2 : Number.isFinite(top) ? top : bottom;
}

/** The decision value of example `at`. */
export function decision(
  { n, values }: Kernel,
  rows: readonly number[],
  { coefficients, b }: Machine,
  at: number,
) {
  let sum = b;
  for (let i = 0; i < rows.length; i++) sum += coefficients[i]! * values[rows[i]! * n + at]!;
  return sum;
}
