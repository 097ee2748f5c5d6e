import type { History } from '../inside/updateHistory.js';
import { lineStyles, plainLayout, type Figure, type Trace } from './curves.js';
import { legendBelow, note, panelLayout, spread, suffix, updateTitle } from './panels.js';

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
  const { share, left } = spread(coordinates.length, 0.1);
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
      ...panelLayout(title),
      margin: { l: 100, r: 20, t: 80, b: 110 },
      legend: legendBelow(-0.24),
      annotations: [
        ...coordinates.map((c, i) => ({
          ...{ ...note, text: history.coordinates[c]!.name, x: left(i) + share / 2, y: 1, yanchor: 'bottom' },
        })),
        updateTitle(unit),
      ],
      ...Object.fromEntries(axes),
    },
  };
}
