/**
 * The six types of the library; everything else in `lib/` is a value of one of them or a function between them.
 * Letters as in the paper: θ (`theta`) belongs to the optimizee, φ (`phi`) to the optimizer.
 *
 * Andrychowicz et al., *Learning to learn by gradient descent by gradient descent*, NIPS 2016.
 */
import type * as tf from '@tensorflow/tfjs';
import type { FeatureLayer, FeatureNetwork } from './features/network.js';

/** Named tensors: the θ of an optimizee or the φ of a learned optimizer. The order of the names is part of the value. */
export type Params = { readonly [name: string]: tf.Tensor };

/** h_t, what an optimizer carries from step to step: any nest of tensors and numbers. */
export type State = tf.TensorContainer;

/** Which functions, seeds and data rows an experiment may see; the three never share one. */
export type Split = 'train' | 'validation' | 'test';

/**
 * One function f to minimise (§2), or a batch of `count` independent ones side by side, whose `loss` is their *sum*,
 * so that no gradient depends on the size of the batch.
 */
export interface Optimizee {
  /** Starting point θ₀. */
  readonly theta0: Params;
  /** Number of functions summed in `loss`; 1 when absent. */
  readonly count?: number;
  /**
   * f_t(θ), a scalar (nats per example for classifiers). Pure: the t-th minibatch is a function of t, and not of
   * how often `loss` was called, so every optimizer sees the same batches.
   */
  readonly loss: Loss;
}

/** A function of θ and t. */
export interface Loss {
  (theta: Params, t: number): tf.Scalar;
  /** What an engine needs to compute the same loss faster; without it TensorFlow.js does. */
  readonly spec?: MlpSpec | ConvSpec | QuadraticSpec | StyleSpec | ScaledSpec;
}

/** A fully connected classifier as plain data. */
export interface MlpSpec {
  /** Pixels, units of each hidden layer, classes. */
  readonly units: readonly number[];
  readonly activation: 'sigmoid' | 'relu' | 'tanh';
  readonly batch: number;
  /** The t-th minibatch: pixels 0…255, [batch, pixels], and classes [batch]. */
  examples(t: number): { pixels: Uint8Array; labels: Int32Array };
}

/** A convolutional classifier as plain data. */
export interface ConvSpec {
  /** Pixels along each side of the picture. */
  readonly side: number;
  readonly channels: number;
  /** Channels of each convolution (SAME), each followed by batch norm (offset only) and ReLU. */
  readonly filters: readonly number[];
  /** Whether 2×2 max pooling follows, for each convolution; behind all of them where it is absent. */
  readonly pool?: readonly boolean[] | undefined;
  /** The dense layers see the mean over the pixels of the last maps, and not every pixel. */
  readonly average?: boolean | undefined;
  /** Side of every convolution's window. */
  readonly kernel: number;
  /** Units of the hidden dense layers (batch norm, ReLU), then the number of labels. */
  readonly dense: readonly number[];
  /** Added to the variance in every batch norm. */
  readonly epsilon: number;
  readonly batch: number;
  /** The t-th minibatch: pixels 0…255, [batch, side, side, channels], and classes [batch]. */
  examples(t: number): { pixels: Uint8Array; labels: Int32Array };
}

/** A batch of quadratic functions as plain data: W [batch, rows, rows] and y [batch, rows, 1]. */
export interface QuadraticSpec {
  readonly W: tf.Tensor3D;
  readonly y: tf.Tensor3D;
}

/** The loss `of` something else, of c ∘ θ in place of θ: a factor c for every coordinate. */
export interface ScaledSpec {
  readonly of: NonNullable<Loss['spec']>;
  readonly factors: Params;
}

/** The loss of neural art (see optimizees/style.ts) as plain data. */
export interface StyleSpec {
  /** Of the picture θ. */
  readonly height: number;
  readonly width: number;
  readonly input: FeatureNetwork['input'];
  /** Up to the deepest one needed. */
  readonly layers: readonly FeatureLayer[];
  /** From a layer's activations F [height, width, channels]. */
  readonly content: Target;
  /** From Gram matrices FᵀF / (height · width), [channels, channels]. */
  readonly style: readonly Target[];
  /** Factor of the sum of the squared steps between neighbouring pixels. */
  readonly variation: number;
}

/** A term of a loss: weight · ‖x − values‖² for something x computed from a layer's activations. */
export interface Target {
  readonly layer: string;
  readonly values: Float32Array;
  readonly weight: number;
}

/** A distribution over functions f: the same seed and split draw the same f and the same θ₀. */
export type OptimizeeFamily = (seed: number, split?: Split) => Optimizee;

/**
 * The map m of eq. (3), from ∇_t and h_t to the update g_t and h_{t+1}.
 *
 * The caller adds, θ_{t+1} = θ_t + g_t: a descent step carries its own minus sign.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a registry holds optimizers of every state
export interface Optimizer<S extends State = any> {
  /** h_0 for parameters shaped like `theta`. */
  init(theta: Params): S;
  readonly update: Update<S>;
  /** The state of the coordinates `rows` [m] alone; there only where no coordinate depends on another (Fig. 3). */
  rows?(state: S, rows: tf.Tensor1D): S;
  /** The mean of the θ that led here, where the optimizer keeps one (see averaging.ts): what to use instead of θ. */
  average?(theta: Params, state: S): Params;
}

/** A function of ∇_t and h_t. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export interface Update<S extends State = any> {
  (grads: Params, state: S): [updates: Params, state: S];
  /** What an engine needs to compute the same updates faster; without it the plain path runs. */
  readonly network?: { readonly spec: Spec; readonly phi: Params };
  /** The optimizers that these updates are put together from, where they are. */
  readonly parts?: Parts<Optimizer>;
}

/** Something for each group of parameters, and the group of the parameter `name`. */
export interface Parts<T> {
  readonly of: { readonly [group: string]: T };
  groupOf(name: string): string;
}

/** A family of optimizers m(·; φ): how to draw φ, and the optimizer at a given φ. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export interface LearnedOptimizer<S extends State = any> {
  init(seed: number): Params;
  readonly at: At<S>;
  readonly spec?: Spec;
}

/** A function of φ. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export interface At<S extends State = any> {
  (phi: Params): Optimizer<S>;
  /** What this is put together from, where it is; the names in φ of a part begin with its group and a slash. */
  readonly parts?: Parts<Optimizer | LearnedOptimizer>;
}

/** A learned optimizer as plain data, which an engine can read. */
export interface Spec {
  readonly cell: 'lstm';
  /** Units of each layer. */
  readonly hidden: readonly number[];
  readonly preprocess: PreprocessSpec;
  /** Factor on the network's output. */
  readonly scale: number;
}

/** A preprocessing as plain data; `p` as in Appendix A. */
export type PreprocessSpec =
  | { readonly kind: 'raw' }
  | { readonly kind: 'rescale'; readonly factor: number }
  | { readonly kind: 'logSign'; readonly p: number };
