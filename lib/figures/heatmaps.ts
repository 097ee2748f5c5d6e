import { plainLayout, type Figure, type Trace } from './curves.js';

/** A matrix to paint, [row][step], and what stands beside it. */
export type Panel = { readonly name: string; readonly rows: readonly (readonly number[])[] };
/** A line over the same steps. */
export type Line = { readonly name: string; readonly values: readonly number[]; readonly color: string };

export interface HeatMapsOptions {
  title?: string;
  /** A vertical line at this step, and what it says. */
  mark?: { readonly step: number; readonly text: string };
  width?: number;
  height?: number;
}

/**
 * Matrices that change over the steps of an optimization as heat maps, one above the other, and below them lines over the
 * same steps: Bosc's figure. The maps share one colour scale, with zero white.
 */
export function heatMaps(
  maps: readonly Panel[],
  lines: readonly Line[],
  options: HeatMapsOptions = {},
): Figure {
  const { title = '', mark, width = 780, height = 780 } = options;
  const shares = [...maps.map(({ rows }) => 2 + Math.sqrt(rows.length)), ...lines.map(() => 4)];
  const gap = 0.045;
  const unit = (1 - gap * (shares.length - 1)) / shares.reduce((a, b) => a + b);
  const domains = shares.map((share, i): [number, number] => {
    const above = shares.slice(0, i).reduce((sum, other) => sum + other * unit + gap, 0);
    return [1 - above - share * unit, 1 - above];
  });
  const axis = (i: number) => (i === 0 ? 'y' : `y${i + 1}`);
  const largest = Math.max(...maps.flatMap(({ rows }) => rows.flatMap((row) => row.map(Math.abs))));
  const data: Trace[] = [
    ...maps.map(({ name, rows }, i) => ({
      type: 'heatmap',
      z: rows.map((row) => row.map(twoDigits)),
      yaxis: axis(i),
      zmin: -largest,
      zmax: largest,
      colorscale: [[0, '#2166ac'], [0.5, '#ffffff'], [1, '#b2182b']], // prettier-ignore
      showscale: i === 0,
      colorbar: { len: 0.45, y: 1, yanchor: 'top', thickness: 14 },
      hovertemplate: `${name}, row %{y}, step %{x}: %{z:.2g}<extra></extra>`,
    })),
    ...lines.map(({ name, values, color }, k) => ({
      x: values.map((_, t) => t),
      y: values,
      yaxis: axis(maps.length + k),
      mode: 'lines',
      line: { color, width: 2 },
      showlegend: false,
      hovertemplate: `${name}, step %{x}: %{y:.3g}<extra></extra>`,
    })),
  ];
  const names = [...maps, ...lines].map(({ name }) => name);
  const axes = domains.map((domain, i) => [
    i === 0 ? 'yaxis' : `yaxis${i + 1}`,
    {
      domain,
      title: { text: names[i]! },
      zeroline: false,
      ...(i < maps.length && { showticklabels: false }),
    },
  ]);
  const shape = { type: 'line', xref: 'x', yref: 'paper', y0: 0, y1: 1, line: { color: '#111', width: 1.5, dash: 'dot' } }; // prettier-ignore
  const note = {
    xref: 'x',
    yref: 'paper',
    y: 1.035,
    showarrow: false,
    xanchor: 'center',
    font: { size: 13 },
  };
  return {
    data,
    layout: {
      ...plainLayout(title, width, height, 80),
      ...Object.fromEntries(axes),
      xaxis: { title: { text: 'step' }, anchor: axis(domains.length - 1), zeroline: false },
      ...(mark && {
        shapes: [{ ...shape, x0: mark.step - 0.5, x1: mark.step - 0.5 }],
        annotations: [{ ...note, x: mark.step - 0.5, text: mark.text }],
      }),
    },
  };
}

/** A colour needs no more, and thousands of cells stay small in a notebook. */
const twoDigits = (x: number): number => Number(x.toPrecision(2));
