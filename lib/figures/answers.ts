import type { Estimate } from '../statistics.js';
import { bandOfEstimates, lineStyles, plainLayout, type Figure, type Trace } from './curves.js';
import { legendBelow } from './panels.js';

export interface AnswersOptions {
  title?: string;
  /** The longest lag drawn. */
  lags?: number;
  width?: number;
  height?: number;
}

/**
 * What each optimizer answers to one gradient, by the steps since (see `memory`), with a band of two standard errors. Each
 * answer in units of its own largest, a descent upwards, since the learning rates say nothing about memory.
 */
export function answerCurves(
  answers: { readonly [optimizer: string]: readonly Estimate[] },
  { title = '', lags = Infinity, width = 720, height = 440 }: AnswersOptions = {},
): Figure {
  const names = Object.keys(answers);
  const style = lineStyles(names);
  const data = [...names].reverse().flatMap((name): Trace[] => {
    const answer = answers[name]!.slice(0, lags + 1);
    const largest = Math.max(...answer.map(({ mean }) => Math.abs(mean))) || 1;
    const { mean, low, high } = bandOfEstimates(
      answer.map(({ mean, se }) => ({ mean: -mean / largest, se: se / largest })),
    );
    const { color, dash } = style(name);
    const x = answer.map((_, lag) => lag);
    const edge = { x, mode: 'lines', line: { width: 0 }, hoverinfo: 'skip', showlegend: false };
    return [
      { ...edge, y: low, legendgroup: name },
      { ...edge, y: high, legendgroup: name, fill: 'tonexty', fillcolor: color + '30' },
      {
        x,
        y: mean,
        name,
        mode: 'lines+markers',
        line: { color, dash, width: 2.5 },
        marker: { size: 5 },
        legendgroup: name,
        hovertemplate: `${name}, ${'%{x}'} steps later: %{y:.3g}<extra></extra>`,
      },
    ];
  });
  const longest = Math.min(lags, Math.max(...names.map((name) => answers[name]!.length - 1)));
  return {
    data,
    layout: {
      ...plainLayout(title, width, height),
      hovermode: 'closest',
      legend: legendBelow(-0.24),
      margin: { l: 75, r: 20, t: 50, b: 110 },
      xaxis: { title: { text: 'steps since the gradient' }, range: [-0.5, longest + 0.5], zeroline: false },
      yaxis: { title: { text: 'answer, its largest = 1' }, zerolinecolor: '#999999' },
    },
  };
}
