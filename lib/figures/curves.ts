import { estimates } from '../statistics.js';
import type { Curves } from '../evaluate.js';

/** A plotly figure: plain data. */
export type Figure = { data: Trace[]; layout: { [option: string]: unknown } };
export type Trace = { [option: string]: unknown };

/** Points read off the paper's figures. */
export type Points = {
  readonly [optimizer: string]: { readonly steps: readonly number[]; readonly losses: readonly number[] };
};

/** The paper's colours; the LSTM's line is solid, its rivals' are dashed. */
const styles: { readonly [optimizer: string]: { color: string; dash: string } } = {
  LSTM: { color: '#ff7f0e', dash: 'solid' },
  ADAM: { color: '#d62728', dash: 'dash' },
  RMSprop: { color: '#1f77b4', dash: 'dash' },
  SGD: { color: '#2ca02c', dash: 'dash' },
  NAG: { color: '#9467bd', dash: 'dash' },
};
const others = ['#111111', '#17becf', '#8c564b', '#e377c2'];

export interface CurvesOptions {
  title?: string;
  /** Axis titles. */
  x?: string;
  y?: string;
  /** First and last step drawn. */
  steps?: readonly [from: number, to: number];
  /** Loss at the foot and head of the axis. */
  losses?: readonly [from: number, to: number];
  paper?: Points;
  width?: number;
  height?: number;
}

/**
 * Mean loss against step on a logarithmic axis, one line per optimizer with a band of two standard errors, and the
 * paper's points as open circles: Figs. 4–8.
 */
export function lossCurves(curves: Curves, options: CurvesOptions = {}): Figure {
  const {
    title = '',
    x = 'step',
    y = 'loss',
    steps,
    losses,
    paper = {},
    width = 720,
    height = 440,
  } = options;
  const names = Object.keys(curves);
  const strangers = names.filter((name) => !styles[name]);
  const style = (name: string) =>
    styles[name] ?? { color: others[strangers.indexOf(name) % others.length]!, dash: 'solid' };
  const [from, to] = steps ?? [
    0,
    Math.max(...Object.values(curves).map((runs) => (runs[0]?.length ?? 1) - 1)),
  ];

  const lines = names.flatMap((name): Trace[] => {
    const all = estimates(curves[name]!).slice(from, to + 1);
    const at = all.map((_, i) => from + i);
    const band = (sign: number) =>
      all.map(({ mean, se }) => Math.max(mean + sign * 2 * (se || 0), mean / 10));
    const { color, dash } = style(name);
    const line = {
      x: at,
      y: all.map(({ mean }) => mean),
      name,
      mode: 'lines',
      line: { color, dash, width: 2.5 },
    };
    const edge = {
      mode: 'lines',
      line: { width: 0 },
      hoverinfo: 'skip',
      showlegend: false,
      legendgroup: name,
    };
    return [
      { ...edge, x: at, y: band(-1) },
      { ...edge, x: at, y: band(+1), fill: 'tonexty', fillcolor: color + '30' },
      { ...line, legendgroup: name, hovertemplate: `${name}, ${x} %{x}: %{y:.3g}<extra></extra>` },
    ];
  });
  const points = Object.entries(paper).map(([name, seen], i): Trace => {
    const shown = seen.steps
      .map((step, k) => [step, seen.losses[k]!])
      .filter(([step]) => step! >= from && step! <= to);
    return {
      x: shown.map(([step]) => step),
      y: shown.map(([, loss]) => loss),
      name: 'the paper',
      mode: 'markers',
      marker: { symbol: 'circle-open', size: 9, color: style(name).color, line: { width: 2 } },
      legendgroup: 'paper',
      showlegend: i === 0,
      hovertemplate: `${name} in the paper, ${x} %{x}: %{y:.3g}<extra></extra>`,
    };
  });
  return {
    data: [...lines, ...points],
    layout: {
      ...plainLayout(title, width, height),
      hovermode: 'closest',
      legend: { x: 1.02, y: 1 },
      xaxis: { title: { text: x }, range: [from, to], zeroline: false },
      yaxis: {
        title: { text: y },
        type: 'log',
        ...ticks,
        ...(losses && { range: losses.map(Math.log10) }),
      },
    },
  };
}

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
const ticks = (() => {
  const values = Array.from({ length: 13 }, (_, k) =>
    [1, 2, 5].map((digit) => Number(`${digit}e${k - 6}`)),
  ).flat();
  return {
    tickmode: 'array',
    tickvals: values,
    ticktext: values.map((value) => value.toLocaleString('en', { maximumFractionDigits: 6 })),
  };
})();

/** Two figures as panels of one, with a common y axis and one legend (Fig. 4 centre and right). */
export function sideBySide(left: Figure, right: Figure, title = ''): Figure {
  const second = right.data.map((trace) => ({ ...trace, xaxis: 'x2', showlegend: false }));
  const panel = (figure: Figure, domain: [number, number]) => ({
    ...(figure.layout.xaxis as object),
    domain,
  });
  return {
    data: [...left.data, ...second],
    layout: {
      ...left.layout,
      title: { text: title },
      width: 960,
      font: { size: 15 }, // 12 px where a notebook is 770 px wide
      xaxis: panel(left, [0, 0.475]),
      xaxis2: { ...panel(right, [0.525, 1]), anchor: 'y' },
    },
  };
}
