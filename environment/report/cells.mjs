// One notebook cell as HTML.
import { marked } from 'marked';
import temml from 'temml';

/** @typedef {import('../runner/notebook.mjs').Cell} Cell */

/** @param {unknown} text */
export const escape = (text) =>
  String(text ?? '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

/** @param {unknown} text as nbformat keeps it, in lines or in one */
const joined = (text) => [text].flat().join('');

/**
 * Markdown with formulas, which become MathML: no fonts and no scripts are needed.
 * @param {string} source
 */
export function markdownHtml(source) {
  /** @type {string[]} */ const formulas = [];
  const keep = (/** @type {string} */ tex, /** @type {boolean} */ displayMode) => {
    formulas.push(temml.renderToString(tex, { displayMode }));
    return `@@${formulas.length - 1}@@`;
  };
  const text = source
    .replace(/\$\$([^]+?)\$\$/g, (_, tex) => `\n\n${keep(tex, true)}\n\n`)
    .replace(/(?<!\\)\$([^$\n]+?)\$/g, (_, tex) => keep(tex, false));
  return String(marked.parse(text)).replace(/@@(\d+)@@/g, (_, i) => formulas[i] ?? '');
}

/** @param {Cell} cell */
export function cellHtml({ cell_type, source, outputs = [], execution_count }) {
  if (cell_type === 'markdown') return `<div class="text">${markdownHtml(joined(source))}</div>`;
  if (cell_type !== 'code') return '';
  const code = `<pre class="code" aria-label="cell ${execution_count ?? ''}"><code>${escape(joined(source))}</code></pre>`;
  return `<div class="cell">${code}${outputs.map(outputHtml).join('')}</div>`;
}

/** @param {any} output */
function outputHtml({ output_type, text, data = {}, metadata = {}, traceback = [] }) {
  if (output_type === 'stream') return pre(joined(text));
  if (output_type === 'error') return pre(joined(traceback.join('\n')), 'error');
  const figure = data['application/vnd.plotly.v1+json'];
  if (figure) return figureHtml(figure, data, metadata);
  const html = joined(data['text/html'] ?? '');
  if (html && !/<script/i.test(html)) return `<div class="output wide">${html}</div>`;
  const png = data['image/png'];
  if (png) return picture(png, joined(data['text/plain']));
  return data['text/plain'] === undefined ? '' : pre(joined(data['text/plain']));
}

/**
 * A picture first, which plotly replaces when it comes into view.
 * @param {object} figure
 * @param {any} data
 * @param {any} metadata
 */
function figureHtml(figure, data, metadata) {
  const alt = metadata['image/png']?.alt ?? joined(data['text/plain'] ?? 'figure');
  const json = JSON.stringify(figure).replaceAll('<', '\\u003c');
  const image = data['image/png'] ? picture(data['image/png'], alt) : escape(alt);
  return `<figure>${image}<script type="application/json">${json}</script></figure>`;
}

const picture = (/** @type {unknown} */ png, /** @type {string} */ alt) =>
  `<img src="data:image/png;base64,${joined(png).replace(/\s/g, '')}" alt="${escape(alt)}">`;

const pre = (/** @type {string} */ text, kind = '') =>
  `<pre class="output ${kind}">${escape(text.replace(/\x1b\[[0-9;]*m/g, ''))}</pre>`;
