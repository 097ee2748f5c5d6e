import { random } from '../random.js';
import type { Split } from '../types.js';

/** One data set as a stream of labelled examples: the first `train` show their label, the others hide it. */
export interface Stream {
  /** x_t, example after example: [steps × dim], centred and of unit variance in every dimension. */
  readonly x: Float64Array;
  /** y_t, 0 or 1: [steps]. */
  readonly y: Uint8Array;
  readonly dim: number;
  /** s: the examples t < train are for training. */
  readonly train: number;
}

/** A distribution over data sets: the same seed and split draw the same stream. */
export type StreamFamily = (seed: number, split?: Split) => Stream;

export interface XorGaussiansOptions {
  /** Number of inputs d. The paper's text lost it. */
  dim?: number;
  /** Mean of λ, the data set's level of noise. The paper's text lost it; 0 is none. */
  noise?: number;
  /** Examples in a stream: a number, or the ends of the range that it is drawn from, both included. */
  steps?: number | readonly [from: number, to: number];
  /** Share of the examples that are for training; drawn uniformly between the two. */
  trainShare?: readonly [from: number, to: number];
  /** Whether the labels are those of the noisy inputs, as the paper says, or of the inputs before the noise. */
  labels?: 'noisy' | 'clean';
  /** Where the two functionals are cut: at zero, or at the value of a random example. */
  threshold?: 'zero' | 'example';
  /** Data sets whose rarer class is rarer than this are drawn again. */
  minority?: number;
}

/**
 * Random binary classification data (Bosc 2016): x ~ N(0, A Aᵀ) with A ~ U(−1, 1)^{d × d}, plus noise N(0, diag(v)) with
 * v_j ~ Exp(λ) and λ ~ Exp(noise), both numbers being means; y is the XOR of two random linear functionals of x, each
 * cut at a threshold.
 *
 * @throws where an option is out of its range
 */
export function xorGaussians({
  dim = 4,
  noise = 1.25,
  steps = 200,
  trainShare = [0.1, 0.9],
  labels = 'clean',
  threshold = 'example',
  minority = 0.15,
}: XorGaussiansOptions = {}): StreamFamily {
  const [fewest, most] = typeof steps === 'number' ? [steps, steps] : steps;
  if (!(Number.isInteger(dim) && dim > 0))
    throw new Error(`dim must be a whole number from 1 up, got ${dim}`);
  if (!(noise >= 0)) throw new Error(`noise must be at least 0, got ${noise}`);
  if (!(fewest >= 2 && most >= fewest)) throw new Error(`steps must be from 2 up, got ${String(steps)}`);
  if (!(minority >= 0 && minority < 0.5)) throw new Error(`minority must be in [0, .5), got ${minority}`);

  return (seed, split = 'train') => {
    const { one } = random('xorGaussians', split, seed);
    const n = fewest + Math.floor(one.uniform() * (most - fewest + 1));
    const share = trainShare[0] + one.uniform() * (trainShare[1] - trainShare[0]);
    const train = Math.min(n - 1, Math.max(1, Math.round(n * share)));
    for (;;) {
      const { x, y } = draw(one, n);
      const ones = y.reduce((sum, label) => sum + label, 0);
      if (Math.min(ones, n - ones) < minority * n) continue;
      standardise(x, dim);
      return { x, y, dim, train };
    }
  };

  function draw(one: ReturnType<typeof random>['one'], n: number) {
    const many = (count: number, f: () => number) => Float64Array.from({ length: count }, f);
    const a = many(dim * dim, () => 2 * one.uniform() - 1);
    const lambda = noise * one.exponential();
    const spread = many(dim, () => Math.sqrt(lambda * one.exponential()));
    const clean = new Float64Array(n * dim);
    const noisy = new Float64Array(n * dim);
    for (let t = 0; t < n; t++) {
      const g = many(dim, one.normal);
      for (let j = 0; j < dim; j++) {
        let sum = 0;
        for (let k = 0; k < dim; k++) sum += a[j * dim + k]! * g[k]!;
        clean[t * dim + j] = sum;
        noisy[t * dim + j] = sum + spread[j]! * one.normal();
      }
    }
    const seen = labels === 'noisy' ? noisy : clean;
    const bits = [0, 1].map(() => {
      const direction = many(dim, one.normal);
      const values = Array.from({ length: n }, (_, t) =>
        direction.reduce((sum, w, j) => sum + w * seen[t * dim + j]!, 0),
      );
      const cut = threshold === 'zero' ? 0 : values[Math.floor(one.uniform() * n)]!;
      return values.map((value) => value > cut);
    });
    return { x: noisy, y: Uint8Array.from({ length: n }, (_, t) => (bits[0]![t] !== bits[1]![t] ? 1 : 0)) };
  }
}

/** Centres every dimension and scales it to unit variance, over the whole stream. */
function standardise(x: Float64Array, dim: number): void {
  const n = x.length / dim;
  for (let j = 0; j < dim; j++) {
    let [mean, square] = [0, 0];
    for (let t = 0; t < n; t++) mean += x[t * dim + j]! / n;
    for (let t = 0; t < n; t++) square += (x[t * dim + j]! - mean) ** 2 / n;
    for (let t = 0; t < n; t++) x[t * dim + j] = (x[t * dim + j]! - mean) / Math.sqrt(square);
  }
}
