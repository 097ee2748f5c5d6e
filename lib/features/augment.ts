import type { Dataset } from '../datasets/dataset.js';
import { random } from '../random.js';
import type { Split } from '../types.js';

/**
 * Minibatches for a training in epochs: each shows every picture of the split once at most, in an order of its own,
 * mirrored at random and shifted by up to `shift` pixels in both directions; what comes in is the mirror image at the
 * edge. The t-th is a function of (split, seed, t); the data stay as they are.
 *
 * @param shift less than a side of the pictures
 * @throws where the split has not enough pictures for one minibatch
 */
export function augmented(shift: number) {
  let newest: { key: string; order: Int32Array } | undefined; // an epoch's order is drawn once
  return (data: Dataset, batch: number, split: Split, seed: number, t: number) => {
    const [from, to] = data.splits[split];
    const steps = stepsPerEpoch(data, split, batch);
    const epoch = Math.floor(t / steps);
    const key = [split, seed, epoch, from, to].join('/');
    if (newest?.key !== key) newest = { key, order: shuffled(from, to, split, seed, epoch) };
    const rows = newest.order.slice((t % steps) * batch, ((t % steps) + 1) * batch);

    const [side, width, channels] = data.shape as [number, number, number];
    const size = side * width * channels;
    const { one, integers } = random('augmented', split, seed, t);
    const shifts = integers(2 * batch, -shift, shift + 1);
    const pixels = new Uint8Array(batch * size);
    rows.forEach((row, i) => {
      const picture = data.images.subarray(row * size, (row + 1) * size);
      const moved = { down: shifts[2 * i]!, right: shifts[2 * i + 1]!, mirrored: one.uniform() < 0.5 };
      move(picture, [side, width, channels], moved, pixels.subarray(i * size, (i + 1) * size));
    });
    return { pixels, labels: Int32Array.from(rows, (row) => data.labels[row]!) };
  };
}

/** Whole minibatches in an epoch. Throws where there is none. */
export function stepsPerEpoch({ name, splits }: Dataset, split: Split, batch: number): number {
  const [from, to] = splits[split];
  if (to - from >= batch) return Math.floor((to - from) / batch);
  throw new Error(`${name}: expected ${batch} pictures or more for ${split}, a minibatch, got ${to - from}`);
}

/** The rows in a random order (Fisher and Yates). */
function shuffled(from: number, to: number, split: Split, seed: number, epoch: number): Int32Array {
  const { one } = random('epoch', split, seed, epoch);
  const order = Int32Array.from({ length: to - from }, (_, i) => from + i);
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(one.uniform() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** Where a place outside 0 … n − 1 lies in the mirror at the edge. */
const reflected = (i: number, n: number) => (i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i);

function move(
  picture: Uint8Array,
  [height, width, channels]: readonly [number, number, number],
  { down, right, mirrored }: { down: number; right: number; mirrored: boolean },
  to: Uint8Array,
): void {
  let at = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [row, seen] = [reflected(y - down, height), reflected(x - right, width)];
      const from = (row * width + (mirrored ? width - 1 - seen : seen)) * channels;
      for (let c = 0; c < channels; c++) to[at++] = picture[from + c]!;
    }
}
