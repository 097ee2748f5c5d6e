// npm run data -- fetch <id> | list | verify [id]
// The data sets that are fetched and not installed. But for npm run pictures, nothing else in this project downloads data.
import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run, setUp } from './setup.mjs';

/** @typedef {typeof import('learning-to-learn')} Library */

/**
 * What is wrong with the data set where it lies, one line a file; nothing where all is well.
 * @param {Library} library @param {string} id
 */
export function problems({ dataEntry, dataPlace, readChecked }, id) {
  const { folder, remedy } = dataPlace(id);
  return dataEntry(id).files.flatMap((file) => {
    try {
      readChecked(folder, file, remedy, ['md5', 'sha256']);
      return [];
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
  });
}

/** @param {string} folder as a user would write it */
const near = (folder) => {
  const path = relative(process.cwd(), folder);
  return path.startsWith('..') ? folder : path;
};

/** @param {Library} library @param {string} id */
async function fetchSet(library, id) {
  const entry = library.dataEntry(id);
  const { folder, own } = library.dataPlace(id);
  const wrong = problems(library, id);
  if (!wrong.length) return console.log(`${id} is there, checked: ${near(folder)}`);
  if (own) throw new Error(`${wrong.join('\n')}\nL2L_DATA_DIR names this folder, so nothing is fetched`);

  const { fetchData } = await import('./data/fetch.mjs');
  console.error(`${entry.title}; licence: ${entry.licence}`);
  const stop = new AbortController();
  process.once('SIGINT', () =>
    stop.abort(new Error(`stopped, nothing is kept; begin anew with: npm run data -- fetch ${id}`)),
  );
  /** @type {{ [stage: string]: ReturnType<Library['progress']> }} */ const bars = {};
  const source = await fetchData(id, entry, folder, {
    signal: stop.signal,
    onNote: (line) => console.error(line),
    onProgress: ({ stage, ...now }) => {
      const bar = (bars[stage] ??= library.progress(`${id}, ${stage}`));
      if (now.done) bar(now);
    },
  });
  console.log(`${id}: ${entry.files.length} files, checked, from ${source.from}: ${near(folder)}`);
}

/** @param {Library} library */
function list(library) {
  for (const [id, { title, licence, files, sources }] of Object.entries(library.manifest())) {
    const { folder } = library.dataPlace(id);
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    const [first] = sources;
    const size = `${Math.round(bytes / 1e6)} MB, ${Math.round((first?.bytes ?? 0) / 1e6)} MB to download`;
    const state = library.hasData(id)
      ? `there: ${near(folder)}`
      : `not there: npm run data -- fetch ${id}${existsSync(folder) ? ` (${near(folder)} lacks files)` : ''}`;
    console.log(`${id}  ${title}; ${size}; licence: ${licence}\n  ${state}`);
  }
}

/** @param {Library} library @param {string[]} ids */
function verify(library, ids) {
  const states = ids.map((id) => {
    if (ids.length > 1 && !existsSync(library.dataPlace(id).folder)) {
      console.log(`${id}: not there: npm run data -- fetch ${id}`);
      return 0;
    }
    const wrong = problems(library, id);
    console.log(wrong.length ? wrong.join('\n') : `${id}: every file has its checksums`);
    return wrong.length;
  });
  return states.some(Boolean) ? 1 : 0;
}

/**
 * What the words on the command line say.
 * @param {Library} library @param {string[]} words
 */
export async function command(library, [word, id, ...rest]) {
  const known = Object.keys(library.manifest());
  if (!rest.length && word === 'fetch' && id) return await fetchSet(library, id);
  if (!rest.length && word === 'verify') return verify(library, id ? [id] : known);
  if (!id && word === 'list') return list(library);
  if (word === 'fetch' && !id)
    throw new Error(`fetch needs the name of a data set; there are: ${known.join(', ')}`);
  const got = [word, id, ...rest].filter(Boolean).join(' ');
  throw new Error(`expected npm run data -- fetch <id>, list or verify [id]; got '${got}'`);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await run(async () => {
    await setUp();
    return await command(createRequire(import.meta.url)('learning-to-learn'), process.argv.slice(2));
  });
