// Keras's weights of VGG-19 as the raw numbers of its convolutions.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rawVgg19, readVgg19 } from 'learning-to-learn/dist/features/vgg19File.js';

/**
 * @param {string} from holds one .h5 file, `1` @param {string} to
 * @param {(name: string) => void} onFile @param {import('learning-to-learn').DataEntry} entry of one file
 */
export function kerasVgg19(from, to, onFile, { files: [file] }) {
  const name = file?.path ?? '';
  writeFileSync(join(to, name), rawVgg19(readVgg19(join(from, '1'))), { flush: true });
  onFile(name);
}
