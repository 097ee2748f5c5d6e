// Makes a data set of the manifest: archive, files, checks, and only then the folder under its own name.
import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { mkdir, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readChecked } from 'learning-to-learn/dist/datasets/manifest.js';
import { extract } from 'tar';
import { download } from './download.mjs';
import { join as joinParts } from './join.mjs';
import { kerasVgg19 } from './kerasVgg19.mjs';
import { pngRows } from './pngRows.mjs';

/** @typedef {import('learning-to-learn').DataEntry} Entry */
/** @typedef {import('learning-to-learn').DataSource} Source */
/** @typedef {{ stage: string, done: number, total: number, note?: string }} Stage */
/**
 * @typedef {object} Watch
 * @property {(stage: Stage) => void} [onProgress] megabytes of the download, then the files unpacked
 * @property {(line: string) => void} [onNote] where a source fails and the next is tried
 * @property {AbortSignal} [signal]
 * @property {number} [stallSeconds] without a byte from a URL, after which the next source is tried
 */

const decoders = { pngRows, kerasVgg19, join: joinParts };

/**
 * The data set's files in `folder`, from the first source that gives them. The folder appears whole or not at all.
 * @param {string} id @param {Entry} entry @param {string} folder @param {Watch} [watch]
 * @returns {Promise<Source>} the source
 * @throws {Error} in one line, where no source gives the files, the disk is full, or `signal` stops it
 */
export async function fetchData(id, entry, folder, watch = {}) {
  await mkdir(dirname(folder), { recursive: true });
  sweep(folder);
  const work = `${folder}.${process.pid}.tmp`;
  const failures = [];
  try {
    for (const [i, source] of entry.sources.entries()) {
      const name = source.type === 'npm' ? `npm's ${source.from}` : source.from;
      try {
        await enough(entry, source, dirname(folder));
        await made(entry, source, work, watch);
        settle(join(work, 'files'), folder, entry);
        return source;
      } catch (error) {
        watch.signal?.throwIfAborted();
        const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
        if (code === 'ENOSPC') throw new Error(room(entry, source, dirname(folder)), { cause: error });
        failures.push(`${name}: ${message}`);
        if (i < entry.sources.length - 1) watch.onNote?.(`${name}: ${message}; trying the next source`);
      } finally {
        rmSync(work, { recursive: true, force: true });
      }
    }
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    throw new Error(`${id}: ${message}`, { cause: error });
  }
  const remedy = `try again later, or put the files into a folder ${id}/ and name the folder around it in L2L_DATA_DIR`;
  throw new Error(`${id} could not be fetched: ${remedy}. ${failures.join('; ')}`);
}

/** @param {Entry} entry @param {Source} source @param {string} work @param {Watch} watch */
async function made(entry, source, work, { onProgress = () => {}, signal, ...watch }) {
  const [unpacked, files] = [join(work, 'unpacked'), join(work, 'files')];
  for (const folder of [unpacked, files]) await mkdir(folder, { recursive: true });
  let last = -1;
  const onBytes = (/** @type {number} */ bytes) => {
    const done = Math.round(bytes / 1e6);
    if (done === last) return;
    onProgress({ stage: 'download', done, total: Math.round(source.bytes / 1e6), note: 'MB' });
    last = done;
  };
  onBytes(0);
  await get(source, work, source.decode ? unpacked : files, { onBytes, signal, ...watch });
  signal?.throwIfAborted();

  const total = entry.files.length;
  let done = 0;
  onProgress({ stage: 'unpack', done, total });
  const onFile = (/** @type {string} */ note) => {
    onProgress({ stage: 'unpack', done: ++done, total, note });
    signal?.throwIfAborted();
  };
  if (source.decode) {
    const decode = decoders[/** @type {keyof typeof decoders} */ (source.decode)];
    await decode(unpacked, files, onFile, entry);
    rmSync(unpacked, { recursive: true });
  }
  const known = new Set(entry.files.map(({ path }) => path));
  for (const path of readdirSync(files)) if (!known.has(path)) rmSync(join(files, path), { recursive: true });
  for (const file of entry.files) {
    readChecked(files, file, `not what ${source.from} should hold`, ['md5', 'sha256']);
    if (!source.decode) onFile(file.path);
  }
  const said = { source: source.from, licence: entry.licence, citation: entry.citation };
  await writeFile(join(files, 'PROVENANCE.json'), JSON.stringify(said, null, 2) + '\n', { flush: true });
}

/**
 * What a source has, in a folder: what is in the archive, or the file itself, or its parts by number.
 * @param {Source} source @param {string} work @param {string} into @param {import('./download.mjs').Watch} watch
 */
async function get(source, work, into, watch) {
  const { folder, parts, from } = source;
  if (folder === undefined) {
    let before = 0;
    for (let part = 1; part <= (parts ?? 1); part++) {
      const file = join(into, String(part));
      const one = { ...source, from: from.replace('{}', String(part)) };
      const onBytes = (/** @type {number} */ bytes) => watch.onBytes?.(before + bytes);
      await download(one, file, { ...watch, onBytes });
      before += statSync(file).size;
    }
    return;
  }
  const archive = join(work, 'archive.tgz');
  await download(source, archive, watch);
  const filter = (/** @type {string} */ path) => path.startsWith(`${folder}/`);
  await extract({ file: archive, cwd: into, filter, strip: folder.split('/').length, strict: true });
  rmSync(archive);
}

/**
 * Removes what fetches left that were killed.
 * @param {string} folder
 */
function sweep(folder) {
  const parent = dirname(folder);
  for (const name of readdirSync(parent)) {
    const [, set, pid] = /^(.+)\.(\d+)\.tmp$/.exec(name) ?? [];
    if (set && join(parent, set) === folder && !alive(Number(pid)))
      rmSync(join(parent, name), { recursive: true });
  }
}

/** @param {number} pid */
function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/**
 * Gives a folder its name, in place of an older one; another process that was faster is welcome.
 * @param {string} from @param {string} to @param {Entry} entry
 */
function settle(from, to, entry) {
  const old = `${to}.${process.pid}.tmp/old`;
  if (existsSync(to)) renameSync(to, old);
  try {
    renameSync(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
    for (const file of entry.files) readChecked(to, file, 'fetch it again');
  }
}

/** @param {Entry} entry @param {Source} source */
const needed = ({ files }, { bytes }) => bytes + files.reduce((sum, file) => sum + file.bytes, 0);

/** @param {Entry} entry @param {Source} source @param {string} folder */
const room = (entry, source, folder) =>
  `no room in ${folder}: about ${Math.ceil(needed(entry, source) / 1e6)} MB are needed; make room, or name a folder on another disk in L2L_CACHE_DIR`;

/**
 * Throws before the download where the disk has no room for it.
 * @param {Entry} entry @param {Source} source @param {string} folder
 */
async function enough(entry, source, folder) {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < needed(entry, source))
    throw Object.assign(new Error('no room'), { code: 'ENOSPC' });
}
