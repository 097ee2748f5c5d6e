import type { Dataset } from '../datasets/dataset.js';
import { random } from '../random.js';

/** Pictures of 8 × 8 in colour with three classes, stripes of three directions in noise: `n` for training, 30 for each other split. */
export function smallPictures(n: number): Dataset {
  const [side, channels, all] = [8, 3, n + 60];
  const noise = random('small pictures').integers(all * side * side * channels, 0, 120);
  const stripe = (label: number, x: number, y: number) => [x, y, x + y][label]! % 3 === 0;
  return {
    name: 'small pictures',
    shape: [side, side, channels],
    images: Uint8Array.from(noise, (value, i) => {
      const pixel = Math.floor(i / channels);
      const label = Math.floor(pixel / side ** 2) % 3;
      return value + (stripe(label, pixel % side, Math.floor(pixel / side) % side) ? 130 : 0);
    }),
    labels: Uint8Array.from({ length: all }, (_, i) => i % 3),
    classes: 3,
    splits: { train: [0, n], validation: [n, n + 30], test: [n + 30, all] },
    hash: 'made up',
  };
}
