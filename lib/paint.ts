import type * as tf from '@tensorflow/tfjs';
import type { Pixels } from './datasets/areaAverage.js';
import { unroll } from './engine/index.js';
import { get, mapParams, release, tidy } from './params.js';
import { breathe, type Watch } from './progress.js';
import type { OptimizeeFamily, Optimizer, Split } from './types.js';
import { start, type Position } from './unroll.js';

/** A picture on the way, and its loss. */
export interface Painted {
  readonly step: number;
  readonly loss: number;
  readonly picture: Pixels;
}

/** Steps between two looks at the event loop. */
const together = 16;

/**
 * Lets an optimizer paint (Fig. 9): θ of a function of neural art at these steps, in rising order.
 *
 * @param options.seed chooses, with the split, the function: the content picture
 * @throws where a step is no whole number from 0 up, or not beyond the one before
 */
export async function paint(
  optimizer: Optimizer,
  family: OptimizeeFamily,
  { split, seed = 0, steps = [128], signal, onProgress }: Watch & PaintOptions,
): Promise<Painted[]> {
  const rising = steps.every((step, i) => Number.isInteger(step) && step > (steps[i - 1] ?? -1));
  if (!rising) throw new Error(`steps must be rising whole numbers from 0 up, got ${steps.join(', ')}`);
  const painted: Painted[] = [];
  let here: Position | undefined;
  try {
    for (const step of steps) {
      while (!here || here.t < step) {
        await breathe(signal);
        const before: Position | undefined = here;
        here = tidy(() => {
          const f = family(seed, split);
          const from = before ?? start(optimizer, f);
          // The start itself is worth a look before the first step.
          return before ? unroll(optimizer, f, from, Math.min(together, step - from.t)).end : copied(from);
        });
        release(before, here);
      }
      painted.push(seen(family, here, seed, split));
      onProgress?.({ done: painted.length, total: steps.length });
    }
  } finally {
    release(here);
  }
  return painted;
}

export interface PaintOptions {
  readonly split: Split;
  readonly seed?: number;
  readonly steps?: readonly number[];
}

const copied = ({ theta, ...rest }: Position): Position => ({ theta: mapParams(theta, (p) => p.clone()), ...rest }); // prettier-ignore

const seen = (family: OptimizeeFamily, { theta, t }: Position, seed: number, split: Split): Painted =>
  tidy(() => {
    const { loss } = family(seed, split);
    return { step: t, loss: loss(theta, t).dataSync()[0]!, picture: fromImage(get(theta, 'image')) };
  });

/** θ as a picture: what lies outside of 0 … 1 is cut off. The inverse of `toImage`. */
export function fromImage(image: tf.Tensor3D): Pixels {
  const [height, width] = image.shape;
  const rgb = Uint8Array.from(image.dataSync(), (x) => Math.round(255 * Math.min(1, Math.max(0, x || 0))));
  return { width, height, rgb };
}
