// npm run sweep -- merge <folder> …: brings results that were computed elsewhere into data/results/.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/**
 * Copies result files, each checked against its name.
 * @param {string[]} folders
 * @param {string} into
 * @param {Pick<typeof import('learning-to-learn'), 'hashOf' | 'writeWhole'>} library
 * @returns {{ copied: number, known: number }}
 * @throws {Error} naming the file, where one is broken, or differs from the result that is there
 */
export function merge(folders, into, { hashOf, writeWhole }) {
  const counts = { copied: 0, known: 0 };
  for (const folder of folders) {
    if (!existsSync(folder)) throw new Error(`no folder ${folder}: give the data/results of another clone`);
    for (const name of readdirSync(folder).filter((file) => file.endsWith('.json'))) {
      const [from, to] = [join(folder, name), join(into, name)];
      const text = readFileSync(from, 'utf8');
      const { inputs, result } = parsed(from, text);
      const hash = hashOf(inputs).slice(0, 12);
      if (!basename(name, '.json').endsWith(hash))
        throw new Error(`${from} does not belong to its inputs, whose hash is ${hash}: compute it again`);
      if (!existsSync(to)) {
        writeWhole(to, text);
        counts.copied++;
        continue;
      }
      if (hashOf(parsed(to, readFileSync(to, 'utf8')).result) !== hashOf(result))
        throw new Error(`${from} and ${to} are different results of the same inputs: remove one`);
      counts.known++;
    }
  }
  return counts;
}

/** @param {string} path @param {string} text */
function parsed(path, text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${path} is broken or truncated: compute it again`, { cause: error });
  }
}
