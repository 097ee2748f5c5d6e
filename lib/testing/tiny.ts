import type { Dataset } from '../datasets/dataset.js';

/** Pictures of 4 × 4 made up for tests, with ten classes and the three splits. */
export const tiny: Dataset = {
  name: 'tiny',
  shape: [4, 4, 1],
  images: Uint8Array.from({ length: 90 * 16 }, (_, i) => (i * 37) % 256),
  labels: Uint8Array.from({ length: 90 }, (_, i) => i % 10),
  classes: 10,
  splits: { train: [0, 30], validation: [30, 60], test: [60, 90] },
  hash: 'made up',
};
