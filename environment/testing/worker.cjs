// A worker for sweep.test.mts: job n writes n² to a file; job 7 fails, job 9 ends the process, job 5 tells when half is done.
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');

const [folder = ''] = process.argv.slice(2);
process.on('message', (/** @type {{ index: number }} */ { index }) => {
  if (index === 7) return process.send?.({ error: 'seven' });
  if (index === 9) process.exit(3);
  if (index === 5) process.send?.({ part: 0.5 });
  writeFileSync(join(folder, String(index)), String(index ** 2), { flag: 'wx' });
  setTimeout(() => process.send?.({}), 10);
});
