// What `npm run reproduce -- --write` keeps in the repository besides the executed notebook: pictures, and its row in
// the README.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup.mjs';

/**
 * `Figure 4, left: quadratics` → `figure-4-left.png`; undefined for a picture that is not a figure of the paper.
 * @param {string} title
 */
export const pictureName = (title) =>
  /^Figure/.test(title)
    ? `${(title.split(':')[0] ?? '').toLowerCase().replace(/[^a-z0-9]+/g, '-')}.png`
    : undefined;

/**
 * Writes the pictures of the paper's figures to data/figures/.
 * @param {{ title: string, png: string }[]} pictures png in base64
 */
export function writePictures(pictures) {
  const folder = join(root, 'data', 'figures');
  mkdirSync(folder, { recursive: true });
  for (const { title, png } of pictures) {
    const name = pictureName(title);
    if (name) writeFileSync(join(folder, name), Buffer.from(png, 'base64'));
  }
}

/**
 * The README with the verdicts and minutes of a notebook in its row.
 * @param {string} readme
 * @param {string} file of the notebook
 * @param {{ verdict: string }[]} verdicts
 * @param {number} seconds
 */
export function withRow(readme, file, verdicts, seconds) {
  const holding = verdicts.filter(({ verdict }) => /^holds( for (\d+) of \2)?$/.test(verdict)).length;
  const every = verdicts.some(({ verdict }) => verdict.startsWith('holds for')) ? ' for every φ' : '';
  const said = verdicts.length ? `${holding} of ${verdicts.length} claims hold${every}` : 'no claims';
  const minutes = seconds < 60 ? '< 1' : String(Math.round(seconds / 60));
  return readme.replace(
    new RegExp(`^(\\|[^|]*\\(notebooks/${file}\\)[^|]*\\|[^|]*\\|).*$`, 'm'),
    `$1 ${said} | ${minutes} |`,
  );
}

/** @param {string} file @param {{ verdict: string }[]} verdicts @param {number} seconds */
export function writeRow(file, verdicts, seconds) {
  const path = join(root, 'README.md');
  writeFileSync(path, withRow(readFileSync(path, 'utf8'), file, verdicts, seconds));
}
