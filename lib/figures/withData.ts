import { dataPlace, hasData } from '../datasets/manifest.js';
import { displayBundle } from './display.js';

/**
 * What `work` gives where the data set `id` is there. Elsewhere it says which command fetches it, and gives undefined;
 * `npm run reproduce` lists that as skipped.
 */
export async function withData<T>(id: string, work: () => Promise<T>): Promise<T | undefined> {
  if (hasData(id)) return work();
  const why = `needs ${id}: ${dataPlace(id).remedy}`;
  displayBundle({
    'application/vnd.learning-to-learn.skipped+json': { why },
    'text/plain': `skipped: ${why}`,
  });
  return undefined;
}
