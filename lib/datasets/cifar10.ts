import { dataEntry, dataHash, dataPlace, readChecked } from './manifest.js';
import type { Dataset } from './dataset.js';

/** What the labels 0 … 9 stand for. */
export const cifar10Labels = [
  ...['airplane', 'automobile', 'bird', 'cat', 'deer'],
  ...['dog', 'frog', 'horse', 'ship', 'truck'],
] as const;

const side = 32;
const plane = side * side;
const record = 1 + 3 * plane;

/** SHA-256 over the hashes of the six files; known without them. */
export const cifar10Hash = (): string => dataHash('cifar10');

const all: readonly number[] = cifar10Labels.map((_, k) => k);

const read: { [key: string]: Dataset } = {};

/**
 * CIFAR-10 (Krizhevsky, 2009), from `L2L_DATA_DIR/cifar10/` or from where `npm run data -- fetch cifar10` puts it: never
 * downloaded from here. Batches 1 to 4 are for meta-training, batch 5 for validation and tuning, the test batch for
 * test. Read once for each choice of labels.
 *
 * @param labels the labels that stay, renamed to 0, 1, … in this order: §3.3's CIFAR-5 and CIFAR-2
 * @throws where a file is missing, truncated or has another checksum, naming it and what to do; where labels repeat or
 *   are none of 0 … 9
 */
export function cifar10({ labels = all }: { labels?: readonly number[] } = {}): Dataset {
  const { folder, remedy } = dataPlace('cifar10');
  return (read[`${folder} ${labels.join()}`] ??= {
    ...readBatches(
      dataEntry('cifar10').files.map((file) => () => readChecked(folder, file, remedy)),
      labels,
    ),
    hash: cifar10Hash(),
  });
}

/**
 * The six official binary batches, in their order, each read when its turn comes: for every picture its label, then the
 * red, green and blue planes of 32 × 32 bytes. The pictures become [32, 32, 3], channels last.
 *
 * @throws as {@link cifar10}, but does not know checksums
 */
export function readBatches(
  batches: readonly (() => Uint8Array)[],
  labels: readonly number[] = all,
): Omit<Dataset, 'hash'> {
  const bad = labels.find((k, i) => !(k in cifar10Labels) || labels.indexOf(k) !== i);
  if (bad !== undefined || !labels.length)
    throw new Error(`labels must be some of 0 … 9, each once; got [${labels.join(', ')}]`);
  const kept = batches.map((batch) => chosen(batch(), labels));
  const ends = kept.reduce<number[]>((ends, { classes }) => [...ends, ends.at(-1)! + classes.length], [0]);
  const images = new Uint8Array(ends.at(-1)! * 3 * plane);
  kept.forEach((part, b) => {
    images.set(part.images, ends[b]! * 3 * plane);
    part.images = new Uint8Array(0);
  });
  const [train = 0, validation = 0, last = 0] = ends.slice(-3);
  return {
    name: 'cifar10',
    shape: [side, side, 3],
    images,
    labels: Uint8Array.from(kept.flatMap(({ classes }) => classes)),
    classes: labels.length,
    splits: { train: [0, train], validation: [train, validation], test: [validation, last] },
  };
}

/** The pictures of a batch that have one of `labels`, channels last, and the label's place in `labels`. */
function chosen(batch: Uint8Array, labels: readonly number[]): { images: Uint8Array; classes: number[] } {
  if (batch.length % record !== 0)
    throw new Error(`a batch must have ${record} bytes a picture, got ${batch.length} bytes`);
  const rows = Array.from({ length: batch.length / record }, (_, i) => i * record).filter((at) =>
    labels.includes(batch[at]!),
  );
  const images = new Uint8Array(rows.length * 3 * plane);
  let to = 0;
  for (const at of rows) {
    for (let i = at + 1; i <= at + plane; i++) {
      images[to++] = batch[i]!;
      images[to++] = batch[i + plane]!;
      images[to++] = batch[i + 2 * plane]!;
    }
  }
  return { images, classes: rows.map((at) => labels.indexOf(batch[at]!)) };
}
