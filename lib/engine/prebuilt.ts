import { dirname, join } from 'node:path';

/** A file of `lib/engine/prebuilt/`, from the source or from the compiled library. */
export function prebuilt(file: string): string {
  const here = dirname(__dirname);
  const lib = here.endsWith('dist') ? dirname(here) : here;
  return join(lib, 'engine', 'prebuilt', file);
}
