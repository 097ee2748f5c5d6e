// The report's HTML: verdicts first, then the notebooks.
import { cellHtml, escape, markdownHtml } from './cells.mjs';
import { outputsOf } from '../runner/notebook.mjs';

/** @typedef {import('../runner/notebook.mjs').Notebook} Notebook */

/**
 * The first line of the first cell.
 * @param {Notebook} notebook
 */
const titleOf = ({ cells }) => (cells[0]?.source[0] ?? '').replace(/^#\s*/, '').trim();

/**
 * @param {{ name: string, notebook: Notebook }[]} notebooks
 * @param {{ style: string, script: string, plotly: string }} parts
 */
export function page(notebooks, { style, script, plotly }) {
  const links = notebooks.map(({ name, notebook }) => link(name, titleOf(notebook)));
  const sections = notebooks.map(
    ({ name, notebook }) => `<section id="${name}">${notebook.cells.map(cellHtml).join('\n')}</section>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Learning to learn by gradient descent by gradient descent, reproduced</title>
<style>${style}</style>
</head>
<body>
<nav aria-label="Notebooks"><a href="#verdicts">Verdicts</a>${links.join('')}</nav>
<main>
<section id="verdicts">
${markdownHtml(heading)}
${verdictTable(notebooks)}
</section>
${sections.join('\n')}
</main>
<script>${plotly.replaceAll('</script', '<\\/script')}</script>
<script>${script}</script>
</body>
</html>
`;
}

/**
 * The number, and the rest of the title where there is room.
 * @param {string} name
 * @param {string} title such as `1 · One function`
 */
function link(name, title) {
  const [number = '', ...words] = title.split(' ');
  const rest = words.length ? `<span> ${escape(words.join(' '))}</span>` : '';
  return `<a href="#${name}" title="${escape(title)}">${escape(number)}${rest}</a>`;
}

const heading = `# Learning to learn by gradient descent by gradient descent, reproduced

[Andrychowicz et al., 2016](https://arxiv.org/abs/1606.04474), in TypeScript. The verdicts come from claims that were written down before the first
run on test functions; below them are the notebooks that computed them, with code and figures. Figures can be zoomed and hovered.`;

/** @param {{ name: string, notebook: Notebook }[]} notebooks */
function verdictTable(notebooks) {
  const rows = notebooks.flatMap(({ name, notebook }) =>
    outputsOf(notebook, 'application/vnd.learning-to-learn.verdicts+json')
      .flat()
      .map(({ figure, text, paper, ours, verdict }) => {
        const number = ours ? `${ours.mean.toPrecision(3)} ± ${ours.se.toPrecision(1)}` : '';
        const mark = String(verdict).replaceAll(' ', '-');
        const cells = {
          figure: `<a href="#${name}">${escape(figure)}</a>`,
          claim: escape(text),
          paper: escape(paper),
          ours: escape(number),
          [`verdict ${escape(mark)}`]: escape(verdict),
        };
        return `<tr>${Object.entries(cells)
          .map(([kind, cell]) => `<td class="${kind}">${cell}</td>`)
          .join('')}</tr>`;
      }),
  );
  const head = ['figure', 'claim', 'paper', 'ours', 'verdict'].map((word) => `<th>${word}</th>`).join('');
  return `<div class="wide"><table class="verdicts"><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}
