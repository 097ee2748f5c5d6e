import { createRequire } from 'node:module';

/** Writes PNG files for tests. */
export const { encode } = createRequire(__filename)(
  'fast-png',
) as typeof import('fast-png', { with: { 'resolution-mode': 'import' } }); // prettier-ignore
