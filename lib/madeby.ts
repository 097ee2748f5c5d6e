import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { kernelBuild } from './engine/choose.js';
import { threadsFor } from './engine/limits.js';

/** What made a result: library, TensorFlow.js build, kernel of the LSTM and its build, its threads, Node, processor. Plain data. */
export function madeBy(): { [what: string]: string } {
  return {
    'learning-to-learn': version(),
    'TensorFlow.js': `${tf.version.tfjs}, ${tf.getBackend()}`,
    'LSTM kernel': kernelBuild(),
    threads: String(threadsFor(Infinity)),
    node: process.version,
    cpu: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores`,
  };
}

function version(): string {
  for (let folder = __dirname; folder !== dirname(folder); folder = dirname(folder)) {
    try {
      const found = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
        name: string;
        version: string;
      };
      if (found.name === 'learning-to-learn') return found.version;
    } catch {
      continue; // not in this folder
    }
  }
  return 'unknown';
}
