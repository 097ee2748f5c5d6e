import { chunk, numbers } from './canvas.js';
import type { PictureGrid } from './pictures.js';

const signature = 8;

/**
 * Grids of pictures one after the other, for ever: an animated PNG, of which a reader that knows none shows the first
 * (PNG, third edition, §11.3.6).
 *
 * @param frames of one size, `seconds` each; the last stays four times as long
 * @throws where there is none, or one has another size or transparency
 */
export function animation(frames: readonly PictureGrid[], { seconds = 0.5 } = {}): PictureGrid {
  const [first] = frames;
  if (!first) throw new Error('expected at least one frame, got none');
  const files = frames.map(({ png }) => chunksOf(png));
  const header = files[0]!.IHDR!;
  const other = files.findIndex(({ IHDR }) => !IHDR!.equals(header));
  if (other > 0)
    throw new Error(`frame ${other} is not like the first: expected ${size(header)}, got ${size(files[other]!.IHDR!)}`); // prettier-ignore
  let order = 0;
  const parts = files.flatMap(({ IDAT }, i) => {
    const last = i === files.length - 1;
    const control = numbers(order++, header.readUInt32BE(0), header.readUInt32BE(4), 0, 0);
    const delay = Buffer.alloc(6); // numerator, denominator, how it is left and drawn
    delay.writeUInt16BE(Math.round(100 * seconds * (last ? 4 : 1)), 0);
    delay.writeUInt16BE(100, 2);
    const shown = chunk('fcTL', Buffer.concat([control, delay]));
    return [shown, i ? chunk('fdAT', Buffer.concat([numbers(order++), IDAT!])) : chunk('IDAT', IDAT!)];
  });
  const start = [first.png.subarray(0, signature), chunk('IHDR', header), chunk('acTL', numbers(files.length, 0))]; // prettier-ignore
  const png = Buffer.concat([...start, ...parts, chunk('IEND', Buffer.alloc(0))]);
  return { title: first.title, alt: `${first.alt}; and on, in ${frames.length} pictures`, png };
}

const size = (header: Buffer) =>
  `${header.readUInt32BE(0)} × ${header.readUInt32BE(4)} pixels of kind ${header[9]}`;

/** The data of a PNG file's chunks by their names. */
function chunksOf(png: Uint8Array): { [name: string]: Buffer } {
  const file = Buffer.from(png);
  const found: { [name: string]: Buffer } = {};
  for (let at = signature; at < file.length; ) {
    const length = file.readUInt32BE(at);
    found[file.toString('latin1', at + 4, at + 8)] = file.subarray(at + 8, at + 8 + length);
    at += 12 + length;
  }
  return found;
}
