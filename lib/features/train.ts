import * as tf from '@tensorflow/tfjs';
import type { Dataset } from '../datasets/dataset.js';
import { loadParams, saveParams, type Metadata } from '../checkpoint.js';
import { fusedOptimizee } from '../engine/optimizee.js';
import { convnet } from '../optimizees/convnet.js';
import { nesterov } from '../optimizers/nesterov.js';
import { get, mapParams, release, tidy, valueAndGrad } from '../params.js';
import { breathe, type Watch } from '../progress.js';
import { random } from '../random.js';
import type { Optimizee, Params, State } from '../types.js';
import { augmented, stepsPerEpoch } from './augment.js';
import type { SmallVggSettings } from './settings.js';

/** Where a training stands after `step` steps: all that is needed to go on to the same bits. */
export interface SmallVggTraining {
  readonly theta: Params;
  /** Of Nesterov's gradient. */
  readonly v: tf.Tensor1D;
  readonly step: number;
  /** Mean loss of each finished epoch, and the sum of the losses of the one that runs. */
  readonly losses: readonly number[];
  readonly sum: number;
}

/** The classifier that is trained: from a random start (He et al. 2015), all biases and offsets 0. */
export function smallVggOptimizee(settings: SmallVggSettings, data: Dataset): Optimizee {
  const { seed, filters, pool, batch, epsilon, shift } = settings;
  const draw = augmented(shift);
  const options = { filters, pool, kernel: 3, average: true, hidden: [], batch, epsilon, draw };
  const f = convnet({ data, ...options })(seed);
  const theta0 = mapParams(f.theta0, (p, name) => {
    if (!name.endsWith('/kernel')) return tf.zerosLike(p);
    const inputs = p.shape.slice(0, -1).reduce((a, b) => a * b);
    return random('small vgg', seed, name).normal(p.shape as [number], Math.sqrt((isDense(name) ? 1 : 2) / inputs)); // prettier-ignore
  });
  release(f.theta0 as State);
  return { ...f, theta0 };
}

const isDense = (name: string) => name.startsWith('dense');

/** Before the first step. */
export const untrainedVgg = ({ theta0 }: Optimizee): SmallVggTraining => ({
  theta: theta0,
  v: nesterov().init(theta0).v as tf.Tensor1D,
  ...{ step: 0, losses: [], sum: 0 },
});

/** The learning rate of a step: rises for `warmUp` epochs, then falls to 0 along half a cosine. */
export function rateAt({ lr, warmUp, epochs }: SmallVggSettings, epoch: number): number {
  if (epoch <= warmUp) return (lr * epoch) / warmUp;
  return (lr / 2) * (1 + Math.cos((Math.PI * (epoch - warmUp)) / (epochs - warmUp)));
}

/**
 * Trains from `from` to the end of the last epoch by Nesterov's gradient with decoupled weight decay.
 *
 * @param save keeps the state: at least every `saveSeconds`, and before an error leaves the training
 * @throws where the loss is no number any more, and where it is stopped, with the signal's reason
 */
export async function trainVgg(
  settings: SmallVggSettings,
  data: Dataset,
  f: Optimizee,
  from: SmallVggTraining,
  {
    save = async () => {},
    saveSeconds = 60,
    signal,
    onProgress,
  }: Watch & { save?: (now: SmallVggTraining) => Promise<void>; saveSeconds?: number } = {},
): Promise<SmallVggTraining> {
  const { batch, epochs, momentum, decay } = settings;
  const each = stepsPerEpoch(data, 'train', batch);
  const { loss } = fusedOptimizee(f);

  const advance = ({ theta, v, step, losses, sum }: SmallVggTraining): SmallVggTraining => {
    const lr = rateAt(settings, (step + 1) / each);
    const { value, ...next } = tidy(() => {
      const { value, grads } = valueAndGrad((theta) => loss(theta, step), theta);
      const [updates, after] = nesterov({ lr, momentum }).update(grads, { v });
      const moved = mapParams(theta, (p, name) => {
        const x = p.add(get(updates, name));
        return name.endsWith('/kernel') ? x.sub(p.mul(lr * decay)) : x;
      });
      return { value: value.dataSync()[0]!, theta: moved, v: after.v as tf.Tensor1D };
    });
    const total = sum + value;
    const ended = (step + 1) % each === 0;
    return {
      ...{ ...next, step: step + 1 },
      losses: ended ? [...losses, total / each] : losses,
      sum: ended ? 0 : total,
    };
  };

  let now = from;
  let saved = Date.now();
  try {
    while (now.step < epochs * each) {
      await breathe(signal);
      const next = advance(now);
      if (!Number.isFinite(next.sum + (next.losses.at(-1) ?? 0)))
        throw new Error(`the training diverged at step ${now.step + 1}: take a lower lr than ${settings.lr}`);
      release(now as unknown as State, next as unknown as State);
      now = next;
      const mean = now.losses.at(-1);
      const note = `epoch ${Math.ceil(now.step / each)} of ${epochs}${mean ? `, loss ${mean.toFixed(3)}` : ''}`;
      onProgress?.({ done: now.step, total: epochs * each, note });
      if (Date.now() - saved < saveSeconds * 1000) continue;
      await save(now);
      saved = Date.now();
    }
  } finally {
    await save(now);
  }
  return now;
}

/** Writes the whole state, so that {@link loadVggTraining} goes on from it to the same bits. */
export async function saveVggTraining(path: string, now: SmallVggTraining, metadata: Metadata = {}) {
  const { theta, v, ...numbers } = now;
  await saveParams(path, { ...theta, v }, { ...metadata, training: numbers });
}

/** Reads what {@link saveVggTraining} wrote. Throws as `loadParams`, also for a network of another shape. */
export function loadVggTraining(path: string, like: SmallVggTraining) {
  const { params, metadata } = loadParams(path, { ...like.theta, v: like.v });
  const { training: numbers, ...said } = metadata as {
    training: Pick<SmallVggTraining, 'step' | 'losses' | 'sum'>;
  };
  const { v, ...theta } = params;
  return { training: { theta, v: v as tf.Tensor1D, ...numbers }, metadata: said as Metadata };
}
