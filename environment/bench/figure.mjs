// The bench as a picture: how many times longer each program takes than the fastest of ours, and how cost grows.
import { createRequire } from 'node:module';
import { median, ratio } from './driver.mjs';

/** @typedef {import('./report.mjs').Results} Results */

const bars = { unroll: 'LSTM unroll', mnist: 'MNIST episode', quadratics: 'quadratics episode' };
const colours = ['#ff7f0e', '#1f77b4', '#2ca02c'];
const growth = [1280, 5000, 15910, 50000];
/** @type {[pattern: RegExp, colour: string][]} */
const families = [
  [/^native|^wasm/, '#ff7f0e'],
  [/^TensorFlow|^plain/, '#1f77b4'],
  [/^PyTorch/, '#d62728'],
  [/^JAX/, '#2ca02c'],
];
const symbols = ['circle', 'square', 'diamond', 'cross', 'x'];

/**
 * The picture's PNG bytes.
 * @param {Results} results
 */
export async function draw({ machine, groups }) {
  const { figurePng } = /** @type {typeof import('learning-to-learn')} */ (
    createRequire(import.meta.url)('learning-to-learn')
  );
  const seen = (/** @type {string} */ group) =>
    (groups[group] ?? []).filter(({ name, ms }) => ms.length && !name.startsWith('floor'));
  const names = [...new Set(Object.keys(bars).flatMap((group) => seen(group).map(({ name }) => name)))];
  const left = Object.entries(bars).map(([group, name], i) => {
    const measured = seen(group);
    const [first] = measured;
    const x = measured.map((program) => (first ? ratio(program, first) : NaN));
    return { type: 'bar', orientation: 'h', name, x, y: measured.map((m) => m.name), marker: { color: colours[i] } }; // prettier-ignore
  });
  const at = (/** @type {number} */ n) => seen(n === 15910 ? 'unroll' : `unroll-${n}`);
  const programs = [...new Set(growth.flatMap((n) => at(n).map(({ name }) => name)))];
  /** @type {{ [family: string]: number }} */
  const members = {};
  const right = programs.map((name) => {
    const colour = families.find(([pattern]) => pattern.test(name))?.[1] ?? '#111111';
    const member = (members[colour] = (members[colour] ?? -1) + 1);
    const points = growth.flatMap((n) => {
      const found = at(n).find((program) => program.name === name);
      return found ? [[n, median(found.ms)]] : [];
    });
    return { type: 'scatter', mode: 'lines+markers', name, x: points.map(([n]) => n), y: points.map(([, ms]) => ms), xaxis: 'x2', yaxis: 'y2', legend: 'legend2', line: { color: colour }, marker: { symbol: symbols[member % symbols.length], size: 8 } }; // prettier-ignore
  });
  const font = { size: 12 };
  const layout = {
    title: {
      text: `${machine.processor}, ${machine.cores} cores, Node ${machine.node}`,
      font: { size: 14 },
    },
    width: 1150,
    height: 620,
    template: 'plotly_white',
    font,
    margin: { l: 235, r: 20, t: 60, b: 60 },
    barmode: 'group',
    xaxis: {
      domain: [0, 0.38],
      type: 'log',
      tickvals: [1, 2, 5, 10, 20, 50, 100],
      title: { text: 'times longer than the fastest of ours' },
    },
    yaxis: { autorange: 'reversed', categoryorder: 'array', categoryarray: names },
    xaxis2: {
      domain: [0.52, 0.8],
      anchor: 'y2',
      type: 'log',
      tickvals: growth,
      tickformat: ',',
      title: { text: 'coordinates N' },
    },
    yaxis2: {
      anchor: 'x2',
      type: 'log',
      title: { text: 'ms an unroll of 20 steps', standoff: 14 },
      tickvals: [10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000],
      tickformat: ',',
    },
    legend: {
      x: 0.2,
      y: 1.06,
      xanchor: 'center',
      orientation: 'h',
      traceorder: 'normal',
      font: { size: 11 },
    },
    legend2: { x: 0.82, y: 1, font: { size: 11 } },
  };
  return figurePng({ data: [...left, ...right], layout });
}
