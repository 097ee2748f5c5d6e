import type { Experiment } from './experiment.js';
import { shippedHash } from './shipped.js';
import { madeBy } from '../madeby.js';
import type { Frame } from '../figures/table.js';

/**
 * What made a page, as a table: {@link madeBy}, the seed, and the hashes of the data and of the φ of these meta-seeds.
 */
export function provenance({
  seed,
  experiment,
  metaSeeds = [1],
}: {
  seed: number;
  experiment: Pick<Experiment, 'name' | 'dataHash'>;
  metaSeeds?: readonly number[];
}): Frame {
  const name = (metaSeed: number) => (metaSeeds.length > 1 ? `φ of seed ${metaSeed}, sha256` : 'φ, sha256');
  const phis = Object.fromEntries(metaSeeds.map((s) => [name(s), shippedHash(experiment, s)]));
  const rows = Object.entries({ ...madeBy(), seed, 'data, sha256': experiment.dataHash(), ...phis });
  return { columns: ['what', 'value'], values: rows };
}
