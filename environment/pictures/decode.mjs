// A source picture's pixels: WebP or PNG, after its checksum.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { decodePng } from 'learning-to-learn/dist/datasets/picture.js';
import webp from 'webp-wasm';

/** @typedef {import('learning-to-learn').Pixels} Pixels */

/**
 * @param {string} path @param {string} sha256
 * @returns {Promise<Pixels>}
 * @throws {Error} where it is another file
 */
export async function decoded(path, sha256) {
  const bytes = readFileSync(path);
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== sha256) throw new Error(`${path}: expected sha256 ${sha256}, got ${found}`);
  if (!path.endsWith('.webp')) return decodePng(bytes);
  const { width, height, data } = await webp.decode(bytes); // RGBA
  const rgb = new Uint8Array(3 * width * height);
  for (let i = 0, to = 0; i < data.length; i++) if (i % 4 < 3) rgb[to++] = data[i] ?? 0;
  return { width, height, rgb };
}
