/** How the small VGG is made. Plain JSON. */
export interface SmallVggSettings {
  readonly seed: number;
  /** Channels of each 3 × 3 convolution, and whether a halving follows it. */
  readonly filters: readonly number[];
  readonly pool: readonly boolean[];
  readonly batch: number;
  readonly epochs: number;
  /** Nesterov's gradient: the highest rate, reached after so many epochs; it falls to 0 along a cosine. */
  readonly lr: number;
  readonly warmUp: number;
  readonly momentum: number;
  /** Each step takes lr · decay of every weight away, but of no bias and offset. */
  readonly decay: number;
  /** Added to the variance in every batch norm. */
  readonly epsilon: number;
  /** Largest shift of a picture in pixels, to each side. */
  readonly shift: number;
  /** Pictures of the training set, as they are, whose statistics replace those of the minibatch in the end. */
  readonly statistics: number;
}

export const smallVggSettings = {
  seed: 1,
  filters: [32, 32, 64, 64, 128, 128], // the pairs of VGG, narrower: 0.29 M parameters, 0.58 MB as float16
  pool: [false, true, false, true, false, false], // 8 × 8 maps at the end, of which the classes see the mean
  batch: 128,
  epochs: 40, // three quarters of an hour on two cores
  lr: 0.1,
  warmUp: 1, // at full rate the first steps of a random network are too long
  momentum: 0.9,
  decay: 5e-3, // with lr and momentum as much as the usual L2 penalty of 5e-4
  epsilon: 1e-3, // as in the network of Figure 7
  shift: 4, // an eighth of the picture's side, the usual augmentation; with mirroring
  statistics: 10_000,
} as const satisfies SmallVggSettings;
