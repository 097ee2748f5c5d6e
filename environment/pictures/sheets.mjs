// Sheets of pictures: what CREDITS.json lists, cut out of the sources, made small and put side by side.
import { createHash } from 'node:crypto';
import { encode } from 'fast-png';
import { areaAverage } from 'learning-to-learn/dist/datasets/areaAverage.js';
import { squares } from './pool.mjs';

/** @typedef {import('learning-to-learn').Pixels} Pixels */
/** @typedef {import('learning-to-learn').Credits} Credits */
/** @typedef {import('learning-to-learn').Sheet} Sheet */

/** The sheet whose squares are taken by rule. */
export const pool = 'contents-train-64';

/**
 * All sheets, and the credits with the squares of the pool and the checksums. One source at a time is in memory.
 * @param {Credits} credits
 * @param {(id: string) => Promise<Pixels>} source
 * @param {(done: number) => void} [onSource]
 * @returns {Promise<{ credits: Credits, sheets: { [name: string]: Pixels } }>}
 */
export async function makeSheets(credits, source, onSource = () => {}) {
  /** @type {{ [name: string]: { crops: Sheet['crops'][number][], pictures: Pixels[] } }} */ const made = {};
  for (const [name, { crops }] of Object.entries(credits.sheets))
    made[name] = { crops: name === pool ? [] : [...crops], pictures: [] };
  /** @type {number[]} */ const ranks = [];
  for (const [i, [id, { use, area }]] of Object.entries(credits.sources).entries()) {
    const pixels = await source(id);
    const found = use === 'train' ? squares(id, pixels, area) : [];
    made[pool]?.crops.push(...found);
    ranks.push(...found.keys());
    for (const [name, { crops, pictures }] of Object.entries(made)) {
      const size = credits.sheets[name]?.size ?? 0;
      crops.forEach(([from, left, top, side], k) => {
        if (from === id)
          pictures[k] = areaAverage(pixels, { left, top, width: side, height: side }, size, size);
      });
    }
    onSource(i + 1);
  }
  const mixed = made[pool];
  if (mixed) made[pool] = { crops: inTurn(mixed.crops, ranks), pictures: inTurn(mixed.pictures, ranks) };
  /** @type {{ [name: string]: Sheet }} */ const entries = {};
  /** @type {{ [name: string]: Pixels }} */ const sheets = {};
  for (const [name, sheet] of Object.entries(credits.sheets)) {
    const { crops = [], pictures = [] } = made[name] ?? {};
    const missing = crops.find((_, k) => !pictures[k]);
    if (missing) throw new Error(`${name}: no source '${missing[0]}' in CREDITS.json`);
    const pixels = (sheets[name] = sideBySide(pictures, sheet));
    entries[name] = { ...sheet, sha256: createHash('sha256').update(pixels.rgb).digest('hex'), crops };
  }
  return { credits: { ...credits, sheets: entries }, sheets };
}

/**
 * The first of every source, then the second of every source, …: neighbouring seeds see different sources.
 * @template T @param {readonly T[]} list @param {readonly number[]} ranks
 */
const inTurn = (list, ranks) =>
  [...list.keys()]
    .sort((a, b) => (ranks[a] ?? 0) - (ranks[b] ?? 0) || a - b)
    .map((i) => /** @type {T} */ (list[i]));

/**
 * @param {readonly Pixels[]} pictures @param {Pick<Sheet, 'size' | 'columns'>} sheet
 * @returns {Pixels} white where there are no more pictures
 */
function sideBySide(pictures, { size, columns }) {
  const width = columns * size;
  const height = Math.ceil(pictures.length / columns) * size;
  const rgb = new Uint8Array(3 * width * height).fill(255);
  pictures.forEach((picture, i) => {
    const first = Math.floor(i / columns) * size * width + (i % columns) * size;
    for (let y = 0; y < size; y++)
      rgb.set(picture.rgb.subarray(3 * y * size, 3 * (y + 1) * size), 3 * (first + y * width));
  });
  return { width, height, rgb };
}

/** The bytes of a PNG file. @param {Pixels} pixels */
export const png = ({ width, height, rgb }) => encode({ width, height, data: rgb, channels: 3, depth: 8 });

/** The text of CREDITS.json, a square in a line. @param {Credits} credits */
export const creditsText = (credits) =>
  JSON.stringify(credits, null, 2).replace(/\[\s+("[^"]*",)?\s*(\d+),\s+(\d+),\s+(\d+)(?:,\s+(\d+))?\s+\]/g, (list) =>
    list.replace(/\s+/g, ' ').replace('[ ', '[').replace(' ]', ']'),
  ) + '\n'; // prettier-ignore
