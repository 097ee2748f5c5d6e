// node environment/clean.mjs [--check] notebooks/*.ipynb
// Makes committed notebooks small and reviewable: no times, no scripts, pictures instead of HTML.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const noise = ['execution', 'collapsed', 'scrolled', 'trusted', 'ExecuteTime'];

/**
 * The text of a clean notebook.
 * @param {any} notebook
 * @returns {string}
 */
export function clean(notebook) {
  const { kernelspec, language_info } = notebook.metadata;
  const cells = notebook.cells.map((/** @type {any} */ cell) => {
    if (cell.cell_type !== 'code') return cell;
    const metadata = Object.fromEntries(
      Object.entries(cell.metadata).filter(([key]) => !noise.includes(key)),
    );
    return { ...cell, metadata, outputs: cell.outputs.map(cleanOutput) };
  });
  return JSON.stringify({ ...notebook, cells, metadata: { kernelspec, language_info } }, null, 1) + '\n';
}

/** @param {any} output */
function cleanOutput(output) {
  if (!output.data) return output;
  // Code-hosting pages prefer HTML to a picture and drop its scripts: a blank figure.
  const drop = (/** @type {string} */ mime) =>
    mime === 'text/html' &&
    (output.data['image/png'] || /<script/i.test([output.data[mime]].flat().join('')));
  const data = Object.fromEntries(Object.entries(output.data).filter(([mime]) => !drop(mime)));
  return { ...output, data };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const check = process.argv.includes('--check');
  for (const file of process.argv.slice(2).filter((word) => !word.startsWith('--'))) {
    const before = readFileSync(file, 'utf8');
    const after = clean(JSON.parse(before));
    if (after === before) continue;
    if (check) console.error(`not clean: ${file}; run node environment/clean.mjs ${file}`);
    if (check) process.exitCode = 1;
    else writeFileSync(file, after);
  }
}
