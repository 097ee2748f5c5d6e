import { median } from 'simple-statistics';
import { xorGaussians, type Stream, type StreamFamily } from '../datasets/xorGaussians.js';
import { cellState } from '../learners/cellState.js';
import type { Seen } from '../learners/evaluate.js';
import { smorms3 } from '../optimizers/smorms3.js';
import { estimate, type Estimate } from '../statistics.js';
import type { Claim } from './claims.js';
import type { StreamExperiment } from './streams.js';

/** The paper's table: mean cross-entropy on 500 data sets of 200 examples, and its standard deviation over them. */
export const paper: { readonly [name: string]: { readonly mean: number; readonly std: number } } = {
  'learned algorithm': { mean: 0.54, std: 0.139 },
  'logistic regression': { mean: 0.574, std: 0.208 },
  'linear SVM': { mean: 0.573, std: 0.159 },
  'RBF SVM': { mean: 0.507, std: 0.164 },
};

const settings = {
  seed: 1,
  steps: 200, // the table's data sets
  data: {
    dim: 4, // lost; with this noise nearest to the paper's three rivals (calibration.ts)
    noise: 1.25, // lost; the mean of λ
    labels: 'clean', // the text labels the noisy inputs: then noise is no label noise, and an RBF SVM is too good
    threshold: 'example', // left open: a cut at zero makes y even in x, and nothing linear can be learned
    trainShare: [0.1, 0.9], // "variable"
    minority: 0.15, // the text
  },
  learned: {
    units: 32, // the text
    hidden: [64, 64], // lost
    remember: 8, // forget gate .9997 at the start: with 5 (.993) θ still fades by a fifth of an update in the test part
    admit: -3, // input gate .05: with 0 the first updates drown θ in noise
    shut: 8, // without labels the input gates start at 2e-5; left to training alone, updates there stay a tenth as large, with 6 a ninetieth
    keep: 7, // and the forget gates at 1 − 3e-7
  },
  train: {
    episodes: 1500, // validation was still gaining
    batch: 32, // streams side by side; the paper trains on one at a time
    steps: 100, // examples of a training stream, first
    longFrom: 400, // episodes; from here on streams are as long as those of the table
    lr: 0.01, // lost; 1e-3, SMORMS3's default, is several times slower
    halveEvery: 800, // episodes
    validateEvery: 50,
    validationSets: 100,
  },
  testSets: 500, // the table
} as const;

const { data, learned, train } = settings;

/** What the claims are held against: every cross-entropy, and the median size of an update in both parts. */
export type BoscResult = {
  readonly losses: { readonly [name: string]: readonly number[] };
  readonly updates: { readonly train: number; readonly test: number };
};

/** The claims' numbers, from the learner's way through the streams and the rivals' losses on the same. */
export function boscResult(
  streams: readonly Stream[],
  seen: readonly Seen[],
  rivals: { readonly [name: string]: readonly number[] },
): BoscResult {
  const updates = (inPart: (t: number, train: number) => boolean) =>
    median(seen.flatMap((one, i) => one.updates.filter((_, t) => inPart(t, streams[i]!.train))));
  return {
    losses: { 'learned algorithm': seen.map(({ loss }) => loss), ...rivals },
    updates: { train: updates((t, s) => t < s), test: updates((t, s) => t >= s) },
  };
}

/** Paired: learned minus rival, over the data sets. */
export const difference = ({ losses }: BoscResult, rival: string): Estimate =>
  estimate(losses[rival]!.map((loss, i) => losses['learned algorithm']![i]! - loss));

const near = (name: string): Claim<BoscResult> => ({
  figure: 'Table',
  text: `${name}, mean cross-entropy`,
  paper: paper[name]!.mean,
  tolerance: 'within .05',
  ours: ({ losses }) => estimate(losses[name]!),
  holds: ({ losses }) => Math.abs(estimate(losses[name]!).mean - paper[name]!.mean) <= 0.05,
});

const below = (rival: string, expected: string): Claim<BoscResult> => ({
  figure: 'Table',
  text: `learned algorithm minus ${rival}, paired`,
  paper: expected,
  tolerance: 'below 0 by two standard errors',
  ours: (result) => difference(result, rival),
  holds: (result) => difference(result, rival).mean + 2 * difference(result, rival).se < 0,
});

/** Bosc, *Learning to Learn Neural Networks*, 2016: the table and the figure. */
export const bosc: StreamExperiment<BoscResult> = {
  name: 'bosc',
  settings,
  dataHash: () => 'drawn at random',
  learned: cellState({ dim: data.dim, ...learned }),
  trainFamily: (episode) =>
    xorGaussians({ ...data, steps: episode < train.longFrom ? train.steps : settings.steps }),
  family: (): StreamFamily => xorGaussians({ ...data, steps: settings.steps }),
  outer: (episode) => smorms3({ lr: train.lr * 0.5 ** Math.floor(episode / train.halveEvery) }),
  claims: [
    near('logistic regression'),
    near('linear SVM'),
    near('RBF SVM'),
    below('logistic regression', '-.034'),
    below('linear SVM', '-.033'),
    {
      figure: 'Table',
      text: 'learned algorithm, mean cross-entropy',
      paper: 0.54,
      tolerance: 'at most .540',
      ours: ({ losses }) => estimate(losses['learned algorithm']!),
      holds: ({ losses }) => estimate(losses['learned algorithm']!).mean <= 0.54,
    },
    below('RBF SVM', '+.033: not in the paper'),
    {
      figure: 'Figure',
      text: 'median update of θ in the test part, over that in the training part',
      paper: 'none is seen',
      tolerance: 'below 1 %',
      ours: ({ updates }) => ({ mean: updates.test / updates.train, se: 0 }),
      holds: ({ updates }) => updates.test < 0.01 * updates.train,
    },
  ],
};
