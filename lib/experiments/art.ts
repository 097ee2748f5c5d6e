import * as tf from '@tensorflow/tfjs';
import { toImage } from '../datasets/picture.js';
import { contentOf, picturesHash, styles } from '../datasets/pictures.js';
import type { FeatureNetwork } from '../features/network.js';
import { smallVgg, smallVggPath } from '../features/smallVgg.js';
import { style } from '../optimizees/style.js';
import { lstm } from '../optimizers/lstm.js';
import { tidy } from '../params.js';
import { logSign } from '../preprocess.js';
import { hashOf } from '../results.js';
import type { OptimizeeFamily } from '../types.js';
import { outerAdam, type Experiment, type Settings } from './experiment.js';
import { fileHash } from './shipped.js';

/** What a function of neural art is made of, but for the network and the content picture. */
export interface Painting {
  /** Which of the committed style pictures; 0 is the one that φ is trained on. */
  readonly style: number;
  /** Side of the content pictures in pixels. */
  readonly size: 64 | 128;
  /** As in `style` of lib/optimizees. */
  readonly alpha: number;
  readonly beta: number;
  readonly gamma: number;
  readonly begin: 'content' | 'noise';
}

/** {@link Settings} of neural art. */
export interface ArtSettings extends Settings, Painting {
  /** Where the small VGG's style and content are taken. */
  readonly layers: Pick<FeatureNetwork, 'style' | 'content'>;
  readonly learned: {
    readonly hidden: readonly number[];
    readonly preprocess: 'logSign';
    readonly p: number;
    readonly scale: number;
  };
}

export const artSettings = {
  seed: 1,
  steps: 128, // §3.4
  style: 0, // one style, many contents, §3.4
  size: 64, // §3.4
  // Fixed by looking at ADAM's pictures of validation contents, before the first meta-training. In conv3_1 one channel outweighs all others.
  layers: { style: ['conv1_1', 'conv1_2', 'conv2_1', 'conv2_2'], content: 'conv3_2' },
  alpha: 1,
  beta: 10,
  gamma: 10,
  begin: 'content',
  learned: { hidden: [20, 20], preprocess: 'logSign', p: 10, scale: 0.1 }, // §3.4; the paper scales nothing, but its pixels go to 255, ours to 1
  train: {
    episodes: 800, // the paper gives no number; at 240 validation still fell, for both seeds
    patience: 200, // episodes
    unrollLength: 32, // §3.4
    share: 1, // all coordinates in the meta-gradient
    lr: 0.00217, // the best of the search data/results/art-meta-lr-*
    halveAfter: 60, // episodes without a better validation
    clip: 1, // as for MNIST
    validateEvery: 10,
    validationRuns: 6, // with that about half of the training's own work
  },
  tune: {
    runs: 24, // every validation content: gradient descent's best rate for eight of them diverges on others
    grid: { SGD: [-7, 0], NAG: [-8, -1], RMSprop: [-12, -5], ADAM: [-9, -3] }, // powers of 2
  },
} as const satisfies ArtSettings;

/** Fig. 8 right: another style, twice the side; there are eight validation contents of that size. */
export const artNewSettings = {
  ...artSettings,
  style: 1,
  size: 128,
  tune: { ...artSettings.tune, runs: 8 },
} as const satisfies ArtSettings;

/** The functions of neural art on a network: the seed and the split choose the content picture. */
export function artFamily(
  { style: which, size, alpha, beta, gamma, begin }: Painting,
  network: FeatureNetwork,
): OptimizeeFamily {
  const painting = styles()[which];
  if (!painting) throw new Error(`no style ${which}; there are: ${styles().map(({ id }, i) => `${i} (${id})`).join(', ')}`); // prettier-ignore
  return tidy(() =>
    style({
      ...{ network, alpha, beta, gamma, begin, style: toImage(painting) },
      contents: (seed, split) => toImage(contentOf(seed, split, size)),
    }),
  );
}

let read: FeatureNetwork | undefined;

/** The small VGG with other places of style and content. It is read once; the caller does not dispose its tensors. */
export function artNetwork(layers: ArtSettings['layers'] = artSettings.layers): FeatureNetwork {
  read ??= staying(smallVgg());
  return { ...read, ...layers };
}

function staying(network: FeatureNetwork): FeatureNetwork {
  for (const layer of network.layers) if ('kernel' in layer) [layer.kernel, layer.bias].forEach(tf.keep);
  return network;
}

/** The same experiment with other settings. */
export function artWith(settings: ArtSettings): Experiment & { readonly settings: ArtSettings } {
  const { hidden, p, scale } = settings.learned;
  const family = () => artFamily(settings, artNetwork(settings.layers));
  return {
    name: 'art',
    settings,
    learned: lstm({ hidden, preprocess: logSign(p), scale }),
    trainFamily: family,
    family,
    outer: (validations) => outerAdam(settings.train, validations),
    dataHash: () => hashOf({ pictures: picturesHash(), network: fileHash(smallVggPath()) }),
    claims: [], // those of lib/experiments/figure8.ts, on the sweep's results
  };
}

/** §3.4, Fig. 8 left: neural art with one style at 64 × 64. */
export const art = artWith(artSettings);

/** Fig. 8 right: what the same φ is tried on, without further training. */
export const artNew = artWith(artNewSettings);
