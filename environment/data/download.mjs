// Gets an archive: an npm package as the user's own npm gets it, or a URL. Nothing is installed and nothing of it runs.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, readdirSync, statSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { root } from '../setup.mjs';

/** @typedef {import('learning-to-learn').DataSource} Source */
/** @typedef {{ onBytes?: (done: number) => void, signal?: AbortSignal | undefined, stallSeconds?: number }} Watch */

const megabytes = (/** @type {number} */ bytes) => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;

/**
 * The archive of a source, in `file`, checked.
 * @param {Source} source @param {string} file @param {Watch} watch
 * @throws {Error} in one line, where it does not come, breaks off or is another
 */
export async function download(source, file, watch) {
  await (source.type === 'npm' ? fromNpm(source, file, watch) : fromUrl(source, file, watch));
  const algorithm = /** @type {const} */ (['sha512', 'sha256', 'md5']).find((name) => source[name]);
  if (!algorithm) return; // the files made of it have checksums of their own
  const hash = createHash(algorithm);
  await pipeline(createReadStream(file), hash, { signal: watch.signal });
  const found = hash.digest('hex');
  if (found !== source[algorithm])
    throw new Error(`expected ${algorithm} ${source[algorithm]}, got ${found} from ${statSync(file).size} bytes`);
}

/**
 * `npm pack`, which obeys the user's registry, proxy and keys. Its cache is a folder of its own, so that the size of that
 * folder tells how far it is.
 * @param {Source} source @param {string} file @param {Watch} watch
 */
async function fromNpm({ from, bytes }, file, { onBytes = () => {}, signal }) {
  const folder = `${file}.npm`;
  const packed = join(folder, 'packed');
  await mkdir(packed, { recursive: true });
  const windows = process.platform === 'win32';
  const child = spawn(windows ? 'npm.cmd' : 'npm', ['pack', from, '--ignore-scripts', '--json'], {
    cwd: root,
    shell: windows,
    env: { ...process.env, npm_config_loglevel: 'error', npm_config_cache: join(folder, 'cache'), npm_config_pack_destination: packed },
    ...(signal && { signal }),
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text));
  const look = setInterval(() => onBytes(Math.max(0, Math.min(bytes - 1e6, sizeOf(folder)))), 250);
  try {
    /** @type {Error | undefined} */ let failure;
    child.on('error', (error) => (failure = error));
    const code = await new Promise((resolve) => child.on('close', resolve)); // it writes until then
    if (failure) throw failure;
    if (code !== 0) throw npmError(said, code);
    const [name = ''] = readdirSync(packed);
    await rename(join(packed, name), file);
    onBytes(bytes);
  } finally {
    clearInterval(look);
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param {string} said @param {unknown} exit */
function npmError(said, exit) {
  const lines = said.split('\n').flatMap((line) => /^npm (?:error|ERR!) (.+)/.exec(line)?.[1] ?? []);
  const code = lines.find((line) => line.startsWith('code '))?.slice(5);
  const words = lines.filter((line) => !/^(code|errno|syscall|A complete log|network|404 *$)\b/.test(line));
  const told = words[0] ?? `it ended with ${exit}`;
  return Object.assign(new Error(`npm pack: ${told}`), code && { code });
}

/** @param {string} folder @returns {number} bytes of the files in it, as far as they can be seen */
function sizeOf(folder) {
  try {
    return readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .reduce((sum, { parentPath, path, name }) => sum + statSync(join(parentPath ?? path, name)).size, 0);
  } catch {
    return 0; // a file went while we looked
  }
}

/** @param {Source} source @param {string} file @param {Watch} watch */
async function fromUrl({ from, bytes }, file, { onBytes = () => {}, signal, stallSeconds = 60 }) {
  const stop = new AbortController();
  const give = () => stop.abort(signal?.reason);
  signal?.addEventListener('abort', give);
  const wait = () => setTimeout(() => stop.abort(new Error(`no data for ${stallSeconds} s`)), stallSeconds * 1000);
  let timer = wait();
  let done = 0;
  const count = new Transform({
    transform(chunk, _, next) {
      clearTimeout(timer);
      timer = wait();
      onBytes((done += chunk.length));
      next(null, chunk);
    },
  });
  try {
    const response = await fetch(from, { signal: stop.signal });
    if (!response.ok || !response.body) throw new Error(`HTTP ${response.status} ${response.statusText}`);
    const body = Readable.fromWeb(/** @type {import('node:stream/web').ReadableStream} */ (response.body));
    await pipeline(body, count, createWriteStream(file), { signal: stop.signal });
  } catch (error) {
    signal?.throwIfAborted();
    const { message, code, cause } = /** @type {NodeJS.ErrnoException & { cause?: Error }} */ (
      stop.signal.reason ?? error
    );
    if (code === 'ENOSPC') throw error;
    const told = [message, cause?.message].filter(Boolean).join(', ');
    const broke = done ? `broke off after ${megabytes(done)} of ${megabytes(bytes)}: ` : '';
    throw new Error(broke + told, { cause: error });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', give);
  }
}
