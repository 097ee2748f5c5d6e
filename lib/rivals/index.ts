import type { Stream } from '../datasets/xorGaussians.js';
import type { Examples } from './examples.js';
import { logistic, softplus, type Penalty } from './logistic.js';
import { platt } from './platt.js';
import { decision, kernelOf, svm, type Kernel, type Machine } from './svm.js';

/** What the rivals' hyper-parameters are chosen from, by k-fold cross-validation on the training part. */
export interface Grids {
  /** k; example i is held out in fold i mod k. */
  readonly folds: number;
  readonly logistic: { readonly penalty: readonly Penalty[]; readonly C: readonly number[] };
  /** Ascending. */
  readonly svm: {
    readonly C: readonly number[];
    /** Of the decision values: where no line helps, w is 0 up to rounding errors, to which Platt's sigmoid would fit. */
    readonly decimals?: number;
  };
  /** γ of the RBF kernel, times the number of inputs. */
  readonly rbf: { readonly gamma: readonly number[] };
}

/** What a rival makes of a stream: its choice, and the mean cross-entropy on the test part, nats per example. */
export type Fitted = { readonly loss: number; readonly chosen: { readonly [name: string]: number | string } };

/** Rivals of the learned algorithm by their names in the table. Each sees the training part and predicts the rest. */
export const rivals: { readonly [name: string]: (stream: Stream, grids: Grids) => Fitted } = {
  'logistic regression': fitLogistic,
  'linear SVM': (stream, grids) => fitSvm(stream, grids, [undefined]),
  'RBF SVM': (stream, grids) => fitSvm(stream, grids, grids.rbf.gamma.map((gamma) => gamma / stream.dim)), // prettier-ignore
};

function fitLogistic(stream: Stream, { folds, logistic: { penalty, C } }: Grids): Fitted {
  const rows = trainingRows(stream);
  const tried = penalty.flatMap((kind) => C.map((c) => ({ penalty: kind, C: c })));
  const losses = tried.map(({ penalty: kind, C: c }) =>
    sum(parts(rows, folds).map(({ kept, held }) => {
        const w = logistic(stream, kept, kind, c);
        return sum(held.map((row) => softplus(-signed(stream, row) * score(stream, w, row))));
      }),
    ),
  ); // prettier-ignore
  const chosen = tried[lowest(losses)]!;
  const w = logistic(stream, rows, chosen.penalty, chosen.C);
  return { loss: testLoss(stream, (row) => score(stream, w, row)), chosen };
}

/**
 * A support vector machine with Platt's sigmoid, fitted to the decision values of held-out examples; C and γ are those
 * whose sigmoid fits best.
 */
function fitSvm(
  stream: Stream,
  { folds, svm: { C, decimals } }: Grids,
  gammas: readonly (number | undefined)[],
): Fitted {
  const rows = trainingRows(stream);
  const valueAt = (kernel: Kernel, seen: readonly number[], machine: Machine, row: number): number =>
    rounded(decision(kernel, seen, machine, row), decimals);
  const kernels = gammas.map((gamma) => kernelOf(stream, gamma));
  const found = kernels.flatMap((kernel, g) => {
    // From each C to the next, larger one the coefficients of every fold go on from where they were.
    const all = parts(rows, folds).map(({ kept, held }) => ({ held, kept, machines: path(kernel, stream.y, kept, C) })); // prettier-ignore
    return C.map((c, i) => {
      const outOfFold = all.flatMap(({ kept, held, machines }) =>
        held.map((row) => ({ row, f: valueAt(kernel, kept, machines[i]!, row) })),
      );
      const fit = platt(outOfFold.map(({ f }) => f), outOfFold.map(({ row }) => stream.y[row]!)); // prettier-ignore
      return { kernel, C: c, gamma: gammas[g], ...fit };
    });
  });
  const { kernel, C: c, gamma, a, b } = found[lowest(found.map(({ loss }) => loss))]!;
  const machine = path(kernel, stream.y, rows, C.slice(0, C.indexOf(c) + 1)).at(-1)!;
  const chosen = { C: c, ...(gamma !== undefined && { gamma }) };
  return { loss: testLoss(stream, (row) => -a * valueAt(kernel, rows, machine, row) - b), chosen };
}

/** One machine for each C, ascending. */
function path(kernel: Kernel, labels: Uint8Array, rows: readonly number[], Cs: readonly number[]): Machine[] {
  const machines: Machine[] = [];
  Cs.forEach((C, i) => {
    const smaller = Cs[i - 1]!;
    // Exactly on the bound where it was on the bound.
    const grown = (b: number) => (Math.abs(b) === smaller ? Math.sign(b) * C : (b * C) / smaller);
    const before = machines[i - 1]?.coefficients.map(grown);
    machines.push(svm(kernel, labels, rows, C, before && { start: before }));
  });
  return machines;
}

const trainingRows = ({ train }: Stream): number[] => Array.from({ length: train }, (_, i) => i);

/** For every fold: the training rows that are kept, and those held out. */
const parts = (rows: readonly number[], folds: number) =>
  Array.from({ length: folds }, (_, fold) => ({
    kept: rows.filter((row) => row % folds !== fold),
    held: rows.filter((row) => row % folds === fold),
  }));

const signed = ({ y }: Examples, row: number): number => (y[row] ? 1 : -1);

const score = ({ x, dim }: Examples, w: Float64Array, row: number): number => {
  let total = w[dim]!;
  for (let j = 0; j < dim; j++) total += w[j]! * x[row * dim + j]!;
  return total;
};

/** Mean of −log P(y_t) over the test part, where P(1) = sigmoid(scoreOf(t)). */
function testLoss(stream: Stream, scoreOf: (row: number) => number): number {
  const test = Array.from({ length: stream.y.length - stream.train }, (_, i) => stream.train + i);
  return sum(test.map((row) => softplus(-signed(stream, row) * scoreOf(row)))) / test.length;
}

const rounded = (value: number, decimals?: number): number =>
  decimals === undefined ? value : Number(value.toFixed(decimals));

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

const lowest = (values: readonly number[]): number => values.indexOf(Math.min(...values));
