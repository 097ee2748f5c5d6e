import { chunk, numbers } from './canvas.js';
import { gridPng, small, words, type PictureGrid, type PictureGridOptions, type Rows } from './pictures.js';

const signature = 8;

/**
 * Grids of pictures one after the other, for ever, as an animated PNG; a reader that knows none shows the first (PNG,
 * third edition, §11.3.6). Colours are rounded as in `pictureGrid` where the file would take more than `bytes`.
 *
 * @param frames of one size, `seconds` each; the last stays four times as long
 * @throws where there is none, one has another size, or they are too large
 */
export function animation(
  frames: readonly Rows[],
  { seconds = 0.5, bytes = 210_000, ...options }: PictureGridOptions & { seconds?: number } = {},
): PictureGrid {
  if (!frames.length) throw new Error('expected at least one frame, got none');
  const file = (bits: number) => animated(frames.map((rows) => gridPng(rows, options, bits)), seconds); // prettier-ignore
  return { ...words(frames, options), png: small(bytes, file) };
}

function animated(pictures: readonly Buffer[], seconds: number): Buffer {
  const files = pictures.map(chunksOf);
  const header = files[0]!.IHDR!;
  const other = files.findIndex(({ IHDR }) => !IHDR!.equals(header));
  if (other > 0)
    throw new Error(`frame ${other} is not like the first: expected ${size(header)}, got ${size(files[other]!.IHDR!)}`); // prettier-ignore
  let order = 0;
  const parts = files.flatMap(({ IDAT }, i) => {
    const place = numbers(order++, header.readUInt32BE(0), header.readUInt32BE(4), 0, 0);
    const delay = Buffer.alloc(6); // numerator, denominator, how it is left and drawn
    delay.writeUInt16BE(Math.round(100 * seconds * (i === files.length - 1 ? 4 : 1)), 0);
    delay.writeUInt16BE(100, 2);
    const shown = chunk('fcTL', Buffer.concat([place, delay]));
    return [shown, i ? chunk('fdAT', Buffer.concat([numbers(order++), IDAT!])) : chunk('IDAT', IDAT!)];
  });
  const start = [pictures[0]!.subarray(0, signature), chunk('IHDR', header), chunk('acTL', numbers(files.length, 0))]; // prettier-ignore
  return Buffer.concat([...start, ...parts, chunk('IEND', Buffer.alloc(0))]);
}

const size = (header: Buffer) =>
  `${header.readUInt32BE(0)} × ${header.readUInt32BE(4)} pixels of kind ${header[9]}`;

/** The data of a PNG file's chunks by their names. */
function chunksOf(file: Buffer): { [name: string]: Buffer } {
  const found: { [name: string]: Buffer } = {};
  for (let at = signature; at < file.length; ) {
    const length = file.readUInt32BE(at);
    found[file.toString('latin1', at + 4, at + 8)] = file.subarray(at + 8, at + 8 + length);
    at += 12 + length;
  }
  return found;
}
