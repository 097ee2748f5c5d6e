import type { Curves } from '../evaluate.js';
import type { LearnedOptimizer, OptimizeeFamily, Optimizer } from '../types.js';
import { averaging } from '../averaging.js';
import { clip } from '../clip.js';
import { adam } from '../optimizers/adam.js';
import { fallingRate, type Validation } from '../training.js';
import type { Claim } from './claims.js';

/** One figure's experiment: what is optimized, what is trained, what it is compared with, what the paper says. */
export interface Experiment {
  /** Name of its φ, results and command line. */
  readonly name: string;
  /** Every number that a result depends on; plain data, written into every result. */
  readonly settings: Settings;
  readonly learned: LearnedOptimizer;
  /** Functions to train φ on. */
  trainFamily(): OptimizeeFamily;
  /** Functions to tune, validate and test on. */
  family(): OptimizeeFamily;
  /** What trains φ after these validations. */
  outer(validations: readonly Validation[]): Optimizer;
  /** SHA-256 of the data, or what stands in its place where functions are drawn at random. */
  dataHash(): string;
  readonly claims: readonly Claim<Curves>[];
}

export interface Settings {
  /** Draws φ_0 and the training functions. */
  readonly seed: number;
  /** Steps of an episode in training, and in tuning where that has none of its own. */
  readonly steps: number;
  readonly train: {
    /** At most so many, and `patience` after the best validation. */
    readonly episodes: number;
    readonly patience: number;
    readonly unrollLength: number;
    readonly share: number;
    /** Learning rate of the outer ADAM, see {@link fallingRate}, and the norm its gradient is clipped to. */
    readonly lr: number;
    readonly halveAfter: number;
    /** Validations until that rate is full; 0 where it is not given. */
    readonly warmUp?: number;
    readonly clip: number;
    /** Decay of the mean of φ that is validated, see {@link averaging}; φ itself is where it is not given. */
    readonly average?: number;
    readonly validateEvery: number;
    readonly validationRuns: number;
    readonly [setting: string]: unknown;
  };
  readonly tune: {
    readonly runs: number;
    readonly steps?: number;
    readonly grid: { readonly [optimizer: string]: readonly [from: number, to: number] };
  };
  readonly [setting: string]: unknown;
}

/** The outer optimizer of every experiment so far: ADAM, as in the paper, with a clipped gradient and a falling rate. */
export function outerAdam(
  { lr, halveAfter, warmUp, clip: norm, average }: Settings['train'],
  validations: readonly Validation[],
): Optimizer {
  const outer = clip(adam({ lr: fallingRate(lr, halveAfter, validations, warmUp) }), norm);
  return average === undefined ? outer : averaging(outer, average);
}
