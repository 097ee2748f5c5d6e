import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataFolder } from '../data.js';
import type { Split } from '../types.js';
import { cacheFolder } from './manifest.js';
import { readPng, readSquare, type Picture } from './picture.js';

/** `data/pictures/CREDITS.json`: whose pictures they are, and how `npm run pictures` makes them. */
export interface Credits {
  /** By id. All pictures from one source are in one split, or are styles. */
  readonly sources: { readonly [id: string]: PictureSource };
  /** Files of pictures side by side, by name; each but that of `train` is kept with the project. */
  readonly sheets: { readonly [name: string]: Sheet };
}

export interface PictureSource {
  readonly title: string;
  readonly author: string;
  /** The page that says so. */
  readonly page: string;
  readonly licence: string;
  /** The npm package that it is taken from, and the file in it. */
  readonly package: string;
  readonly file: string;
  readonly sha256: string;
  readonly use: Split | 'style';
  /** The part of it that pictures are taken from, where it is not all but its margins. */
  readonly area?: readonly [left: number, top: number, width: number, height: number];
}

export interface Sheet {
  /** Side of each picture in pixels. */
  readonly size: number;
  /** Pictures in a row of the sheet. */
  readonly columns: number;
  /** Of the sheet's pixels, row after row, RGB. */
  readonly sha256: string;
  /** Squares of the sources, in their pixels: [source, left, top, side]. */
  readonly crops: readonly (readonly [source: string, left: number, top: number, side: number])[];
}

let known: Credits | undefined;

/** Whose pictures they are. */
export const pictureCredits = (): Credits =>
  (known ??= JSON.parse(readFileSync(join(dataFolder(), 'pictures', 'CREDITS.json'), 'utf8')) as Credits);

const read: { [key: string]: readonly Picture[] } = {};

/**
 * The content pictures of a split (§3.4), RGB, `size` × `size`. Those for meta-training come from the user's folder
 * `L2L_DATA_DIR/pictures` (PNG files, of each the square in the middle), where it is there, or else from where
 * `npm run pictures` puts them.
 *
 * @throws where there are none of this size for the split; where a file is missing, broken or another, with what to do
 */
export function contents(split: Split, size: 64 | 128 = 64): readonly Picture[] {
  const own = split === 'train' ? ownFolder() : undefined;
  return own ? ownPictures(own, size) : sheet(`contents-${split}-${size}`);
}

/** The style pictures, 128 × 128; the first is the one for meta-training. Throws as {@link contents}. */
export const styles = (): readonly Picture[] => sheet('styles-128');

/** The content picture of a seed: they come again after the last. Throws as {@link contents}. */
export function contentOf(seed: number, split: Split, size: 64 | 128): Picture {
  const all = contents(split, size);
  return all[((seed % all.length) + all.length) % all.length]!;
}

/** SHA-256 over all pictures that an experiment can see; known without those for meta-training, but for a user's own. */
export function picturesHash(): string {
  const hash = createHash('sha256');
  const own = ownFolder();
  for (const [name, { sha256 }] of Object.entries(pictureCredits().sheets))
    if (!own || !isPool(name)) hash.update(sha256);
  if (own) for (const { rgb } of ownPictures(own, 64)) hash.update(rgb);
  return hash.digest('hex');
}

const isPool = (name: string) => name.startsWith('contents-train-');

/** Where the sheet of this name lies. */
export const sheetPath = (name: string): string =>
  join(isPool(name) ? cacheFolder() : dataFolder(), 'pictures', `${name}.png`);

function sheet(name: string): readonly Picture[] {
  const { [name]: entry, ...others } = pictureCredits().sheets;
  if (!entry) throw new Error(`no pictures '${name}'; there are: ${Object.keys(others).join(', ')}`);
  return (read[sheetPath(name)] ??= cut(name, entry));
}

/** The pictures of a sheet, after all checks. */
function cut(name: string, { size, columns, crops, sha256 }: Sheet): readonly Picture[] {
  const path = sheetPath(name);
  const remedy = isPool(name) ? 'run npm run pictures' : 'git checkout data/pictures brings it back';
  if (!existsSync(path)) throw new Error(`no file ${path}: ${remedy}`);
  const { width, rgb } = readPng(path);
  const got = createHash('sha256').update(rgb).digest('hex');
  if (got !== sha256)
    throw new Error(`${path}: expected pixels with sha256 ${sha256}, got ${got}: ${remedy}`);
  return crops.map(([source], i) => {
    const picture = new Uint8Array(3 * size * size);
    const [left, top] = [(i % columns) * size, Math.floor(i / columns) * size];
    for (let y = 0; y < size; y++) {
      const from = 3 * ((top + y) * width + left);
      picture.set(rgb.subarray(from, from + 3 * size), 3 * size * y);
    }
    return {
      id: `${name}-${i}`,
      title: pictureCredits().sources[source]!.title,
      width: size,
      height: size,
      rgb: picture,
    };
  });
}

/** The user's folder of pictures, where it is there. */
function ownFolder(): string | undefined {
  const own = process.env.L2L_DATA_DIR && join(process.env.L2L_DATA_DIR, 'pictures');
  return own && existsSync(own) ? own : undefined;
}

function ownPictures(folder: string, size: number): readonly Picture[] {
  const files = readdirSync(folder).filter((name) => /\.png$/i.test(name)).sort(); // prettier-ignore
  if (!files.length)
    throw new Error(
      `no PNG file in ${folder}: put pictures there, at least ${size} × ${size}, or unset L2L_DATA_DIR`,
    );
  return (read[`${folder}/${size}`] ??= files.map((file) => readSquare(join(folder, file), size)));
}
