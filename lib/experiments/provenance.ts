import type { Experiment } from './experiment.js';
import { shippedHash } from './shipped.js';
import { madeBy } from '../madeby.js';
import type { Frame } from '../figures/table.js';

/** What made a page, as a table: {@link madeBy}, the seed, and the hashes of data and φ. */
export function provenance({
  seed,
  experiment,
}: {
  seed: number;
  experiment: Pick<Experiment, 'name' | 'dataHash'>;
}): Frame {
  const hashes = { 'data, sha256': experiment.dataHash(), 'φ, sha256': shippedHash(experiment) };
  const rows = Object.entries({ ...madeBy(), seed, ...hashes });
  return { columns: ['what', 'value'], values: rows };
}
