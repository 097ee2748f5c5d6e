import { estimates, type Estimate } from '../statistics.js';
import type { Losses } from '../evaluate.js';

/** A plotly figure: plain data. */
export type Figure = { data: Trace[]; layout: { [option: string]: unknown } };
export type Trace = { [option: string]: unknown };

/** Points read off the paper's figures. */
export type Points = {
  readonly [optimizer: string]: { readonly steps: readonly number[]; readonly losses: readonly number[] };
};

/** The paper's colours; the LSTMs' lines are solid, their rivals' are dashed. `LSTM 2` looks as `LSTM` does. */
const styles: { readonly [optimizer: string]: { color: string; dash: string } } = {
  LSTM: { color: '#ff7f0e', dash: 'solid' },
  'LSTM-sub': { color: '#111111', dash: 'solid' },
  ADAM: { color: '#d62728', dash: 'dash' },
  RMSprop: { color: '#1f77b4', dash: 'dash' },
  SGD: { color: '#2ca02c', dash: 'dash' },
  NAG: { color: '#9467bd', dash: 'dash' },
};
const others = ['#111111', '#17becf', '#8c564b', '#e377c2'];

/** What all φ of one kind are called, without their meta-seed: `LSTM` for `LSTM 2`. */
export const familyOf = (name: string): string => name.replace(/ \d+$/, '');

/** The line of each of these optimizers: the paper's, or for others a solid one of another colour. */
export function lineStyles(names: readonly string[]): (name: string) => { color: string; dash: string } {
  const known = (name: string) => styles[familyOf(name)];
  const strangers = names.filter((name) => !known(name));
  return (name) => known(name) ?? { color: others[strangers.indexOf(name) % others.length]!, dash: 'solid' };
}

/** Points are marked where there are at most so many; more would run into each other. */
const mostMarked = 50;

/** A line and the edges of its band. */
export type Band = {
  readonly mean: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
};

export interface CurvesOptions {
  title?: string;
  /** Axis titles. */
  x?: string;
  y?: string;
  /** Where the points stand on the x axis; 0, 1, 2, … without. */
  at?: readonly number[];
  /** First and last step drawn. */
  steps?: readonly [from: number, to: number];
  /** A point that dashed lines cross at (Fig. 6). */
  cross?: readonly [x: number, y: number];
  /** Loss at the foot and head of the axis. */
  losses?: readonly [from: number, to: number];
  /** Open circles, in the colours of their optimizers: the paper's, or those of whom `circles` says. */
  paper?: Points;
  circles?: string;
  width?: number;
  height?: number;
}

/**
 * Mean loss against step on a logarithmic axis, one line per optimizer with a band of two standard errors, or with the
 * band that is given, and the paper's points as open circles: Figs. 4–8.
 */
export function lossCurves(
  curves: { readonly [optimizer: string]: Losses | Band },
  options: CurvesOptions = {},
): Figure {
  const { title = '', x = 'step', y = 'loss', at, losses, cross, paper = {} } = options;
  const { width = 720, height = 440, circles = 'the paper' } = options;
  const names = Object.keys(curves);
  const style = lineStyles(names);
  const bands = names.map((name): [string, Band] => [name, bandOf(curves[name]!)]);
  const longest = Math.max(...bands.map(([, { mean }]) => mean.length));
  const places = at ?? Array.from({ length: longest }, (_, t) => t);
  const [from, to] = options.steps ?? [places[0]!, places.at(-1)!];

  const lines = bands.flatMap(([name, band]): Trace[] => {
    const drawn = band.mean.map((_, i) => i).filter((i) => places[i]! >= from && places[i]! <= to);
    const pick = (values: readonly number[]) => drawn.map((i) => values[i]!);
    const edge = (values: readonly number[]) => ({
      x: pick(places),
      y: drawn.map((i) => Math.max(values[i]!, band.mean[i]! / 10)), // a log axis has no place for zero
      mode: 'lines',
      line: { width: 0 },
      hoverinfo: 'skip',
      showlegend: false,
      legendgroup: name,
    });
    const { color, dash } = style(name);
    return [
      edge(band.low),
      { ...edge(band.high), fill: 'tonexty', fillcolor: color + '30' },
      {
        x: pick(places),
        y: pick(band.mean),
        name,
        mode: at && at.length <= mostMarked ? 'lines+markers' : 'lines',
        line: { color, dash, width: 2.5 },
        legendgroup: name,
        hovertemplate: `${name}, ${x} %{x}: %{y:.3g}<extra></extra>`,
      },
    ];
  });
  const points = Object.entries(paper).map(([name, seen], i): Trace => {
    const shown = seen.steps
      .map((step, k) => [step, seen.losses[k]!])
      .filter(([step]) => step! >= from && step! <= to);
    return {
      x: shown.map(([step]) => step),
      y: shown.map(([, loss]) => loss),
      name: circles,
      mode: 'markers',
      marker: { symbol: 'circle-open', size: 9, color: style(name).color, line: { width: 2 } },
      legendgroup: 'paper',
      showlegend: i === 0,
      hovertemplate: `${name}: ${circles}, ${x} %{x}: %{y:.3g}<extra></extra>`,
    };
  });
  return {
    data: [...lines, ...points],
    layout: {
      ...plainLayout(title, width, height),
      hovermode: 'closest',
      legend: { x: 1.02, y: 1 },
      xaxis: { title: { text: x }, range: [from, to], zeroline: false },
      ...(cross && { shapes: dashed(cross) }),
      yaxis: {
        title: { text: y },
        type: 'log',
        ...logTicks,
        ...(losses && { range: losses.map(Math.log10) }),
      },
    },
  };
}

/** The runs of an optimizer as a line with a band of two standard errors. */
function bandOf(curve: Losses | Band): Band {
  return 'mean' in curve ? curve : bandOfEstimates(estimates(curve));
}

/** Means with a band of two standard errors. */
export function bandOfEstimates(all: readonly Estimate[]): Band {
  const edge = (sign: number) => all.map(({ mean, se }) => mean + sign * 2 * (se || 0));
  return { mean: edge(0), low: edge(-1), high: edge(+1) };
}

/** A vertical and a horizontal line through the panel. */
const dashed = ([x, y]: readonly [number, number]) => {
  const line = { type: 'line', line: { color: '#666666', width: 1.5, dash: 'dash' } };
  return [
    { ...line, xref: 'x', yref: 'y domain', x0: x, x1: x, y0: 0, y1: 1 },
    { ...line, xref: 'x domain', yref: 'y', x0: 0, x1: 1, y0: y, y1: y },
  ];
};

/** What all our figures have in common; `top` is the space above the axes. */
export const plainLayout = (title: string, width: number, height: number, top = 50) => ({
  title: { text: title },
  width,
  height,
  template: 'plotly_white',
  font: { size: 14 },
  margin: { l: 75, r: 20, t: top, b: 55 },
});

/** 1, 2 and 5 in every decade, written out: plotly's own labels leave the decade out. */
export const logTicks = (() => {
  const values = Array.from({ length: 13 }, (_, k) =>
    [1, 2, 5].map((digit) => Number(`${digit}e${k - 6}`)),
  ).flat();
  const { format } = new Intl.NumberFormat('en', { maximumFractionDigits: 6 });
  return {
    tickmode: 'array',
    tickvals: values,
    ticktext: values.map((value) => format(value)),
  };
})();
