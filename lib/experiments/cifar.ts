import { cifar10, cifar10Hash } from '../datasets/cifar10.js';
import { convnet } from '../optimizees/convnet.js';
import { lstm } from '../optimizers/lstm.js';
import { partition } from '../partition.js';
import { logSign } from '../preprocess.js';
import { randomlyScaled } from '../scaling.js';
import type { LearnedOptimizer } from '../types.js';
import { outerAdam, type Experiment, type Settings } from './experiment.js';

/** {@link Settings} of a convolutional network on some labels of CIFAR-10. */
export interface CifarSettings extends Settings {
  /** The labels that φ is trained on, and those that it is tuned against, validated for a figure and tested on. */
  readonly labels: { readonly train: readonly number[]; readonly figure: readonly number[] };
  readonly batch: number;
  readonly filters: readonly number[];
  readonly kernel: number;
  readonly dense: readonly number[];
  readonly stddev: number;
  readonly epsilon: number;
  readonly learned: {
    /**
     * `layers`: one LSTM for the convolutional layers, one for the rest (§3.3); `kernels`: one for the convolutions'
     * kernels alone, one for the rest (the authors' code); `single`: one LSTM for all.
     */
    readonly parts: 'layers' | 'kernels' | 'single';
    readonly hidden: readonly number[];
    readonly preprocess: 'logSign';
    readonly p: number;
    readonly scale: number;
  };
  readonly train: Settings['train'] & {
    /** From this episode on so many steps, see `metaTrain`. */
    readonly horizons?: readonly (readonly [episode: number, steps: number])[];
    readonly validationSteps?: number;
    /** Range of {@link randomlyScaled} in training. */
    readonly randomScale?: number;
  };
}

const all = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

export const cifarSettings = {
  seed: 1,
  steps: 100, // the paper gives no number; the authors' code has 100 for every problem
  labels: { train: all, figure: all },
  batch: 128, // §3.3
  filters: [16, 16, 16], // three convolutions, §3.3; channels and windows of the authors' code
  kernel: 5,
  dense: [32], // §3.3
  stddev: 0.01, // of all parameters, the authors' code
  epsilon: 1e-3, // of batch normalisation in the authors' library
  learned: { parts: 'layers', hidden: [20, 20], preprocess: 'logSign', p: 10, scale: 0.01 }, // §3.3, Appendix A; the scale of the authors' code, the paper gives none: with MNIST's 0.1, φ was no better than ADAM after 100 steps
  train: {
    episodes: 400, // the paper gives no number; what a night on two cores allows for all φ
    patience: 200, // episodes
    unrollLength: 20, // §3
    share: 1, // all coordinates in the meta-gradient
    lr: 0.00187, // the second of the search data/results/cifar-meta-lr-* (1.392): with the first (.00723, 1.388), validation after 1,000 steps jumped between .65 and 1.34
    halveAfter: 100, // episodes without a better validation
    clip: 1, // as for MNIST
    average: 0.98, // of some ten episodes: φ's own steps jump, its validations after 100 steps lie between 1.44 and 1.64, those of the mean fall
    validateEvery: 50,
    validationSteps: 1000, // those of the figure, as the baselines are tuned: after 100 steps one φ is as good as the next
    validationRuns: 3, // as in tuning; half of the training's own work
  },
  tune: {
    steps: 1000, // those of the figure: the paper tunes for the best final loss
    runs: 3,
    grid: { SGD: [-4, 1], NAG: [-7, -1], RMSprop: [-12, -6], ADAM: [-10, -4] }, // powers of 2; a rate costs minutes; a search whose best one lies at an edge goes on beyond it
  },
} as const satisfies CifarSettings;

/** Longer and longer episodes, together no more steps than 500 episodes of 100: 200 × 100, 50 × 200, 20 × 500, 10 × 1,000. */
export const curriculum = {
  episodes: 280,
  horizons: [
    [200, 200],
    [250, 500],
    [270, 1000],
  ],
  patience: 280,
  validateEvery: 40,
} as const;

const groups = { layers: /^conv/, kernels: /^conv\d+\/kernel$/ };

function learnedFor({ parts, hidden, p, scale }: CifarSettings['learned']): LearnedOptimizer {
  const one = () => lstm({ hidden, preprocess: logSign(p), scale });
  if (parts === 'single') return one();
  return partition({ conv: one(), rest: one() }, (name) => (groups[parts].test(name) ? 'conv' : 'rest'));
}

export type CifarExperiment = Experiment & { readonly settings: CifarSettings };

/** The same experiment under another name, with other labels, another partition or another training. */
export function cifarWith(name: string, settings: CifarSettings): CifarExperiment {
  const { labels, filters, kernel, dense, batch, stddev, epsilon, train } = settings;
  const on = (labels: readonly number[]) =>
    convnet({ data: cifar10({ labels }), filters, kernel, hidden: dense, batch, stddev, epsilon });
  const { randomScale } = train;
  return {
    name,
    settings,
    learned: learnedFor(settings.learned),
    trainFamily: () => (randomScale ? randomlyScaled(on(labels.train), randomScale) : on(labels.train)),
    family: () => on(labels.figure),
    outer: (validations) => outerAdam(train, validations),
    dataHash: cifar10Hash,
    claims: [], // those of lib/experiments/figure7.ts, on the sweep's results
  };
}

/** §3.3, Fig. 7 left: all ten labels. Its φ is the LSTM of all three panels. */
export const cifar = cifarWith('cifar', cifarSettings);

/** Fig. 7 centre: five labels; its φ is LSTM-sub, which has seen the other five alone, in training and validation. */
export const cifar5 = cifarWith('cifar-5', {
  ...cifarSettings,
  labels: { train: [5, 6, 7, 8, 9], figure: [0, 1, 2, 3, 4] },
});

/** Fig. 7 right: two labels; its φ is LSTM-sub, which has seen the other eight alone. */
export const cifar2 = cifarWith('cifar-2', {
  ...cifarSettings,
  labels: { train: [2, 3, 4, 5, 6, 7, 8, 9], figure: [0, 1] },
});

/** One LSTM for all parameters, which the paper found insufficient (§3.3). */
export const cifarSingle = cifarWith('cifar-single', {
  ...cifarSettings,
  learned: { ...cifarSettings.learned, parts: 'single' },
});

/** The {@link curriculum}, for the search where 100 steps do not carry over to 1,000. */
export const cifarCurriculum = cifarWith('cifar-curriculum', {
  ...cifarSettings,
  train: { ...cifarSettings.train, ...curriculum },
});
