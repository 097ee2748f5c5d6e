import type { History } from '../inside/updateHistory.js';
import { lineStyles, plainLayout, type Figure, type Trace } from './curves.js';

export interface UpdatesOptions {
  title?: string;
  /** Which of the history's coordinates. */
  coordinates?: readonly number[];
  /** First and last step drawn. */
  steps?: readonly [from: number, to: number];
  /** What θ is measured in, such as `pixel value, black 0, white 1`. */
  unit?: string;
  width?: number;
  height?: number;
}

/**
 * What every optimizer proposed for some coordinates at each step, a panel each, side by side with an axis of their own:
 * Fig. 10.
 */
export function updateCurves(history: History, options: UpdatesOptions = {}): Figure {
  const { title = '', coordinates = [0, 1], unit, width = 960, height = 480 } = options;
  const names = Object.keys(history.updates);
  const style = lineStyles(names);
  const [from, to] = options.steps ?? [0, history.losses.length - 2];
  const gap = 0.1;
  const share = (1 - gap * (coordinates.length - 1)) / coordinates.length;
  const left = (i: number) => i * (share + gap);
  const suffix = (i: number) => (i === 0 ? '' : String(i + 1));
  // The leader is drawn last, on top.
  const data = coordinates.flatMap((c, i) =>
    [...names].reverse().map((name): Trace => {
      const updates = history.updates[name]![c]!.slice(from, to + 1);
      return {
        x: updates.map((_, t) => from + t),
        y: updates,
        xaxis: `x${suffix(i)}`,
        yaxis: `y${suffix(i)}`,
        name,
        mode: 'lines',
        line: { ...style(name), width: 2 },
        legendgroup: name,
        showlegend: i === 0,
        hovertemplate: `${name}, step %{x}: %{y:.3g}<extra></extra>`,
      };
    }),
  );
  const axes = coordinates.flatMap((_, i) => [
    [
      `xaxis${suffix(i)}`,
      {
        title: { text: 'step' },
        domain: [left(i), left(i) + share],
        anchor: `y${suffix(i)}`,
        range: [from, to],
      },
    ],
    [
      `yaxis${suffix(i)}`,
      {
        anchor: `x${suffix(i)}`,
        zerolinecolor: '#999999',
      },
    ],
  ]);
  return {
    data,
    layout: {
      ...plainLayout(title, width, height, 80),
      title: { text: title, y: 0.98, yref: 'container', yanchor: 'top' },
      font: { size: 15 }, // 12 px where a notebook is 770 px wide
      margin: { l: 100, r: 20, t: 80, b: 110 },
      legend: {
        orientation: 'h',
        entrywidth: 105,
        traceorder: 'reversed',
        x: 0.5,
        xanchor: 'center',
        y: -0.24,
        yanchor: 'top',
      },
      annotations: [
        ...coordinates.map((c, i) => ({
          ...{ ...note, text: history.coordinates[c]!.name, x: left(i) + share / 2, y: 1, yanchor: 'bottom' },
        })),
        {
          ...{ ...note, text: unit ? `proposed update (${unit})` : 'proposed update', textangle: -90 },
          ...{ x: 0, xshift: -68, y: 0.5, yanchor: 'middle' },
        },
      ],
      ...Object.fromEntries(axes),
    },
  };
}

/** Text beside the axes. Plotly without a screen places it right where it is aligned left, which no single line shows. */
export const note = { xref: 'paper', yref: 'paper', xanchor: 'center', align: 'left', showarrow: false };
