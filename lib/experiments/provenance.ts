import type { Experiment } from './experiment.js';
import { shippedHash } from './shipped.js';
import { madeBy } from '../madeby.js';
import type { Frame } from '../figures/table.js';

type Named = Pick<Experiment, 'name' | 'dataHash'>;

/**
 * What made a page, as a table: {@link madeBy}, the seed, and the hashes of the data and of the φ of these meta-seeds, of one
 * experiment or of several on the same data.
 */
export function provenance({
  seed,
  experiment,
  metaSeeds = [1],
}: {
  seed: number;
  experiment: Named | readonly Named[];
  metaSeeds?: readonly number[];
}): Frame {
  const all = [experiment].flat() as Named[];
  const label = (name: string, metaSeed: number) => {
    const which = [...(all.length > 1 ? [name] : []), ...(metaSeeds.length > 1 ? [`seed ${metaSeed}`] : [])];
    return `φ${which.length ? ` of ${which.join(', ')}` : ''}, sha256`;
  };
  const phis = all.flatMap((one) => metaSeeds.map((s) => [label(one.name, s), shippedHash(one, s)]));
  const data = all[0]!.dataHash();
  const rows = Object.entries({ ...madeBy(), seed, 'data, sha256': data, ...Object.fromEntries(phis) });
  return { columns: ['what', 'value'], values: rows };
}
