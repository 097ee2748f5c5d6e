import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { DecodedPng } from 'fast-png' with { 'resolution-mode': 'import' };
import { areaAverage, type Pixels } from './areaAverage.js';

/** A content or style picture of neural art (§3.4). */
export interface Picture extends Pixels {
  /** Unlike that of any other picture. */
  readonly id: string;
  readonly title: string;
}

/** A picture as the optimizee `style` takes it: RGB 0 … 1, [height, width, 3]. */
export const toImage = ({ width, height, rgb }: Pixels): tf.Tensor3D =>
  tf.tensor3d(Float32Array.from(rgb, (x) => x / 255), [height, width, 3]); // prettier-ignore

/**
 * A PNG file of your own, made small: its longer side has `size` pixels, or what it has where that is less. Grey ones
 * become coloured, transparent ones lie on white.
 *
 * @throws where there is no such file or it is no whole PNG, naming it
 */
export function readPicture(path: string, size: number): Picture {
  const whole = readPng(path);
  const factor = Math.min(1, size / Math.max(whole.width, whole.height));
  const [width, height] = [whole.width, whole.height].map((side) => Math.max(1, Math.round(side * factor))) as [number, number]; // prettier-ignore
  const crop = { left: 0, top: 0, width: whole.width, height: whole.height };
  return { ...named(path), ...areaAverage(whole, crop, width, height) };
}

/**
 * The square in the middle of a PNG file, `size` × `size`.
 *
 * @throws as {@link readPicture}, and where it is smaller than that
 */
export function readSquare(path: string, size: number): Picture {
  const whole = readPng(path);
  const side = Math.min(whole.width, whole.height);
  if (side < size)
    throw new Error(
      `${path}: expected ${size} × ${size} pixels or more, got ${whole.width} × ${whole.height}`,
    );
  const [left, top] = [whole.width, whole.height].map((all) => Math.floor((all - side) / 2)) as [number, number]; // prettier-ignore
  return { ...named(path), ...areaAverage(whole, { left, top, width: side, height: side }, size, size) };
}

const named = (path: string) => ({ id: basename(path), title: basename(path, '.png') });

/** A PNG file's pixels. Throws as {@link readPicture}. */
export function readPng(path: string): Pixels {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(code === 'ENOENT' ? `no file ${path}` : `${path}: ${message}`, { cause: error });
  }
  try {
    return decodePng(bytes);
  } catch (error) {
    const { message } = error as Error;
    throw new Error(`${path}: expected a PNG picture, got something else: ${message}`, { cause: error });
  }
}

/** The pixels of a PNG, of whatever kind. */
export function decodePng(bytes: Uint8Array): Pixels {
  const { decode, convertIndexedToRgb } = createRequire(__filename)('fast-png') as typeof import('fast-png', { with: { 'resolution-mode': 'import' } }); // prettier-ignore
  const png = decode(bytes, { checkCrc: true });
  const { width, height } = png;
  if (!png.palette) return { width, height, rgb: toRgb(png) };
  const data = convertIndexedToRgb(png);
  return { width, height, rgb: toRgb({ width, height, data, depth: 8, channels: data.length / (width * height) }) }; // prettier-ignore
}

/** Grey, grey with alpha, RGB or RGB with alpha, 8 or 16 bits, as RGB of 8 bits on white. */
function toRgb({ width, height, data, depth, channels }: Omit<DecodedPng, 'text'>): Uint8Array {
  if (depth < 8) throw new Error(`grey of ${depth} bits; save it with 8 bits`);
  const most = 2 ** depth - 1;
  const colours = channels < 3 ? 1 : 3;
  return Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const at = Math.floor(i / 3) * channels;
    const alpha = channels % 2 ? 1 : data[at + channels - 1]! / most;
    const value = data[at + ((i % 3) % colours)]! / most;
    return Math.round(255 * (alpha * value + 1 - alpha));
  });
}
