// npm run pictures [-- --check | --write]
// Makes the training pictures of neural art; checks or, for who changes CREDITS.json, writes those that are kept with the project.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { root, run, setUp } from './setup.mjs';

/**
 * What differs from the files that are there, by path, with the bytes that should be.
 * @param {{ [path: string]: Uint8Array }} files
 */
export const differing = (files) =>
  Object.entries(files).filter(([path, bytes]) => !existsSync(path) || !readFileSync(path).equals(bytes));

/** @param {string} path */
const near = (path) => (relative(root, path).startsWith('..') ? path : relative(root, path));

/**
 * All files, made anew in memory, by path.
 * @param {typeof import('learning-to-learn')} library
 */
async function made({ pictureCredits, progress, sheetPath }) {
  const [{ packages, unpacked }, { decoded }, { creditsText, makeSheets, png }] = await Promise.all([
    import('./pictures/packages.mjs'),
    import('./pictures/decode.mjs'),
    import('./pictures/sheets.mjs'),
  ]);
  const work = mkdtempSync(join(tmpdir(), 'l2l-pictures-'));
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort(new Error('stopped, nothing is kept')));
  try {
    const megabytes = (/** @type {number} */ bytes) => Math.round(bytes / 1e6);
    const total = megabytes(packages.reduce((sum, { bytes }) => sum + bytes, 0));
    const download = progress('pictures, download');
    const onBytes = (/** @type {number} */ bytes) => download({ done: megabytes(bytes), total, note: 'MB' });
    const path = await unpacked(packages, work, { onBytes, signal: stop.signal });
    const before = pictureCredits();
    const bar = progress('pictures, sources');
    const source = async (/** @type {string} */ id) => {
      stop.signal.throwIfAborted();
      const entry = before.sources[id];
      if (!entry) throw new Error(`no source '${id}'`);
      return await decoded(path(entry.package, entry.file), entry.sha256);
    };
    const count = Object.keys(before.sources).length;
    const { credits, sheets } = await makeSheets(before, source, (done) => bar({ done, total: count }));
    const files = Object.entries(sheets).map(([name, pixels]) => [sheetPath(name), png(pixels)]);
    return { credits, text: Buffer.from(creditsText(credits)), files: Object.fromEntries(files) };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await run(async () => {
    const { values } = parseArgs({ options: { check: { type: 'boolean' }, write: { type: 'boolean' } } });
    if (values.check && values.write) throw new Error('expected --check or --write, not both');
    await setUp();
    /** @type {typeof import('learning-to-learn')} */
    const library = createRequire(import.meta.url)('learning-to-learn');
    const { credits, text, files } = await made(library);
    const { pool } = await import('./pictures/sheets.mjs');
    const poolPath = library.sheetPath(pool);
    const { [poolPath]: poolBytes, ...kept } = files;
    kept[join(root, 'data', 'pictures', 'CREDITS.json')] = text;
    const wrong = differing(values.check && existsSync(poolPath) ? { ...kept, [poolPath]: poolBytes } : kept);
    if (values.write) for (const [path, bytes] of wrong) library.writeWhole(path, bytes);
    else if (wrong.length)
      throw new Error(`not what CREDITS.json and its sources give: ${wrong.map(([path]) => near(path)).join(', ')}. git checkout data/pictures brings them back; after a change in CREDITS.json: npm run pictures -- --write`); // prettier-ignore
    if (values.check) return console.log('every picture is what its source gives');
    library.writeWhole(poolPath, poolBytes);
    for (const [path] of values.write ? wrong : []) console.log(`written: ${near(path)}`);
    console.log(`${credits.sheets[pool]?.crops.length} pictures for meta-training: ${near(poolPath)}`);
  });
