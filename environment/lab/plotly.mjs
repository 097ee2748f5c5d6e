// Which plotly.js draws.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup.mjs';

/** The version that draws the static pictures. */
export const staticPlotly = () => {
  const path = join(root, 'node_modules', 'plotly.js-dist', 'package.json');
  return /** @type {string} */ (JSON.parse(readFileSync(path, 'utf8')).version);
};

/**
 * The version inside the lab extension of the Python package.
 * @param {string} venv
 */
export function labPlotly(venv) {
  const folder = join(venv, 'share', 'jupyter', 'labextensions', 'jupyterlab-plotly', 'static');
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.js'))) {
    const text = readFileSync(join(folder, name), 'utf8');
    const found = /src\/version\.js"\(\w+\)\{\w+\.version="(\d+\.\d+\.\d+)"/.exec(text)?.[1];
    if (found) return found;
  }
  throw new Error('no plotly.js found in the lab extension');
}
