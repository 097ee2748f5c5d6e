import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder `data/` of this project: trained φ, results of searches, unfinished trainings. */
export function dataFolder(): string {
  for (let folder = __dirname; folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'data', 'README.md'))) return join(folder, 'data');
  }
  throw new Error(`no folder data/ with a README.md above ${__dirname}: work in a clone of the project`);
}
