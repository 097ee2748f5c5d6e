// Fetches a data set in a process of its own, which the tests kill: node fetch-child.mjs '<entry>' <folder> [killed after n files]
import { fetchData } from '../data/fetch.mjs';

const [entry = '', folder = '', dies] = process.argv.slice(2);
try {
  await fetchData('toy', JSON.parse(entry), folder, {
    onProgress: ({ stage, done }) => {
      if (stage === 'unpack' && String(done) === dies) process.kill(process.pid, 'SIGKILL');
    },
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
