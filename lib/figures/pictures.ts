import type { Pixels } from '../datasets/areaAverage.js';
import { png } from './canvas.js';
import { drawn } from './static.js';
import { escape } from './table.js';

/** A picture and what stands below it. */
export interface Exhibit {
  readonly picture: Pixels;
  readonly caption?: string;
}

/** A figure made of pictures, drawn: what `show` takes. */
export interface PictureGrid {
  readonly title: string;
  /** For readers who do not see it. */
  readonly alt: string;
  readonly png: Uint8Array;
}

export interface PictureGridOptions {
  title?: string;
  /** What stands above the columns. */
  columns?: readonly string[];
  /** Side of a cell in pixels; a picture of another size is stretched to it, pixel by pixel, with its sides in proportion. */
  cell?: number;
  /** What its file may take; in base64 it grows by a third. */
  bytes?: number;
}

const gap = 8;
const line = 22;

export type Rows = readonly (readonly (Exhibit | undefined)[])[];

/**
 * Pictures in rows and columns, as Fig. 9 has them: pixels stay visible as squares. Where the file would take more than
 * `bytes`, its colours are rounded, to 32 levels at the coarsest.
 *
 * @param rows an absent picture leaves its place empty
 * @throws where it is too large even so
 */
export function pictureGrid(rows: Rows, options: PictureGridOptions = {}): PictureGrid {
  const { bytes = 210_000 } = options;
  return { ...words([rows], options), png: small(bytes, (bits) => gridPng(rows, options, bits)) };
}

/** Title and words of grids that are shown in one place. */
export function words(
  grids: readonly Rows[],
  { title = '', columns = [] }: PictureGridOptions,
): Pick<PictureGrid, 'title' | 'alt'> {
  const captions = grids.flat(2).flatMap((exhibit) => exhibit?.caption ?? []);
  return { title: marked(title), alt: [marked(title), ...columns, ...captions].filter(Boolean).join('; ') };
}

/** A short run says so in its titles. */
export const marked = (title: string) => (process.env.L2L_FAST === '1' ? `${title} (short run)` : title);

/** The first file that takes no more than `bytes`, of those with fewer and fewer bits a colour. Throws where none does. */
export function small(bytes: number, file: (bits: number) => Buffer): Buffer {
  for (const bits of [8, 7, 6, 5]) {
    const made = file(bits);
    if (made.length <= bytes) return made;
  }
  throw new Error(`the pictures take more than ${bytes / 1000} kB: show fewer or smaller ones`);
}

/** A grid's PNG, its colours rounded to so many bits. */
export function gridPng(
  rows: Rows,
  { title = '', columns = [], cell = 128 }: PictureGridOptions,
  bits: number,
): Buffer {
  const { width, height, pixels } = drawn(gridSvg(rows, { title: marked(title), columns, cell }, bits));
  return png(width, height, pixels);
}

function gridSvg(
  rows: Rows,
  { title, columns, cell }: Required<Omit<PictureGridOptions, 'bytes'>>,
  bits: number,
): string {
  const across = Math.max(columns.length, ...rows.map((row) => row.length));
  const grid = gap + across * (cell + gap);
  const width = Math.ceil(Math.max(grid, 10.5 * title.length + 2 * gap)); // letters of a title of 17 pixels
  const left = (i: number) => Math.round((width - grid) / 2) + gap + i * (cell + gap);
  const parts: string[] = [];
  const write = (x: number, y: number, words: string, size: number) =>
    parts.push(`<text x="${x}" y="${y}" font-size="${size}" text-anchor="middle" fill="#222">${escape(words)}</text>`); // prettier-ignore
  let y = gap;
  if (title) {
    write(width / 2, y + 18, title, 17);
    y += 30;
  }
  if (columns.length) {
    columns.forEach((name, i) => write(left(i) + cell / 2, y + 14, name, 15));
    y += line;
  }
  for (const row of rows) {
    row.forEach((exhibit, i) => exhibit && parts.push(image(exhibit.picture, left(i), y, cell, bits)));
    y += cell;
    if (row.some((exhibit) => exhibit?.caption)) {
      row.forEach((exhibit, i) => write(left(i) + cell / 2, y + 16, exhibit?.caption ?? '', 14));
      y += line;
    }
    y += gap;
  }
  const svg = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"';
  return `<svg ${svg} width="${width}" height="${y}" font-family="DejaVu Sans">${parts.join('')}</svg>`;
}

function image(picture: Pixels, x: number, y: number, cell: number, bits: number): string {
  const source = `data:image/png;base64,${Buffer.from(picturePng(picture, bits)).toString('base64')}`;
  return `<image x="${x}" y="${y}" width="${cell}" height="${cell}" image-rendering="optimizeSpeed" xlink:href="${source}"/>`;
}

/** A picture as a PNG file, its colours rounded to so many bits a channel. */
export function picturePng({ width, height, rgb }: Pixels, bits = 8): Uint8Array {
  const most = 2 ** bits - 1;
  const rounded = (value: number) => Math.round((Math.round((value / 255) * most) * 255) / most);
  const rgba = Uint8ClampedArray.from({ length: width * height * 4 }, (_, i) =>
    i % 4 === 3 ? 255 : rounded(rgb[(i >> 2) * 3 + (i % 4)]!),
  );
  return png(width, height, rgba);
}

export const isPictureGrid = (value: unknown): value is PictureGrid =>
  (value as Partial<PictureGrid> | null)?.png instanceof Uint8Array;
