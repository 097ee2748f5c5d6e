// The parts of a file, one after the other.
import { createReadStream, createWriteStream, readdirSync } from 'node:fs';
import { join as path } from 'node:path';
import { pipeline } from 'node:stream/promises';

/**
 * @param {string} from holds the parts 1, 2, … @param {string} to
 * @param {(name: string) => void} onFile @param {import('learning-to-learn').DataEntry} entry of one file
 */
export async function join(from, to, onFile, { files: [file] }) {
  const name = file?.path ?? '';
  const parts = readdirSync(from).sort((a, b) => Number(a) - Number(b));
  await pipeline(async function* () {
    for (const part of parts) yield* createReadStream(path(from, part));
  }, createWriteStream(path(to, name), { flush: true }));
  onFile(name);
}
