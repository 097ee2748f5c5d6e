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
  const links = notebooks.map(({ name, notebook }) => `<a href="#${name}">${escape(titleOf(notebook))}</a>`);
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
        const cells = [`<a href="#${name}">${escape(figure)}</a>`, ...[text, paper, number].map(escape)];
        const mark = String(verdict).replaceAll(' ', '-');
        return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}<td class="verdict ${escape(mark)}">${escape(verdict)}</td></tr>`;
      }),
  );
  const head = ['figure', 'claim', 'paper', 'ours', 'verdict'].map((word) => `<th>${word}</th>`).join('');
  return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}
