import { dataPlace, hasData } from '../datasets/manifest.js';
import { hasVgg19 } from '../features/vgg19.js';
import { displayBundle } from './display.js';

/**
 * What `work` gives where the data set `id` is there. Elsewhere it says which command fetches it, and gives undefined;
 * `npm run reproduce` lists that as skipped.
 */
export async function withData<T>(id: string, work: () => Promise<T>): Promise<T | undefined> {
  if (id === 'vgg19' ? hasVgg19() : hasData(id)) return work();
  const own = id === 'vgg19' ? ', or set L2L_VGG19 to a file of its weights' : '';
  const why = `needs ${id}: ${dataPlace(id).remedy}${own}`;
  displayBundle({
    'application/vnd.learning-to-learn.skipped+json': { why },
    'text/plain': `skipped: ${why}`,
  });
  return undefined;
}
