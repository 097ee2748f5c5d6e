// npm run report [-- path.html]: the executed notebooks as one web page that needs no server, reproduced/report.html.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { page } from './report/page.mjs';
import { readNotebook } from './runner/notebook.mjs';
import { root, run, setUp } from './setup.mjs';

/** @typedef {import('./runner/notebook.mjs').Notebook} Notebook */

/**
 * The newest executed form of every notebook: that of `npm run reproduce`, else the committed one.
 * @param {string[]} folders searched in this order
 * @returns {{ name: string, notebook: Notebook }[]}
 * @throws {Error} where a notebook has not been executed
 */
export function executed(folders) {
  const last = folders.at(-1) ?? '';
  const names = readdirSync(last).filter((name) => name.endsWith('.ipynb'));
  return names.map((name) => {
    const folder = folders.find((path) => existsSync(join(path, name))) ?? last;
    const notebook = readNotebook(join(folder, name));
    if (!notebook.cells.some(({ outputs }) => outputs?.length))
      throw new Error(`${name} has not been executed: run npm run reproduce -- ${name.slice(0, 2)} first`);
    return { name: name.replace('.ipynb', ''), notebook };
  });
}

async function main() {
  await setUp();
  const notebooks = executed([join(root, 'reproduced'), join(root, 'notebooks')]);
  const read = (/** @type {string} */ path) => readFileSync(path, 'utf8');
  const own = (/** @type {string} */ name) => read(join(root, 'environment', 'report', name));
  const require = createRequire(import.meta.url);
  const html = page(notebooks, {
    style: own('style.css'),
    script: own('figures.browser.js'),
    plotly: read(require.resolve('plotly.js-cartesian-dist-min')),
  });
  const path = resolve(process.argv[2] ?? join(root, 'reproduced', 'report.html'));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, html);
  console.log(`${relative(process.cwd(), path)}, ${(html.length / 1e6).toFixed(1)} MB: open it in a browser`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await run(main);
