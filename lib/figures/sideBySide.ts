import type { Figure, Trace } from './curves.js';
import { note, panelLayout, spread, suffix } from './panels.js';

type Shape = { readonly xref: string; readonly yref: string };

/**
 * Figures as panels of one, with a common y axis, or with `ownY` one each, and one legend (Figs. 4–7); each keeps its
 * title above its panel.
 */
export function sideBySide(
  panels: readonly Figure[],
  title = '',
  { width = 960, height = 490, ownY = false } = {},
): Figure {
  const { share, left } = spread(panels.length, ownY ? 0.07 : panels.length > 2 ? 0.03 : 0.05);
  const y = (i: number) => `y${ownY ? suffix(i) : ''}`;
  const axes = panels.flatMap(({ layout }, i) => {
    const domain = [left(i), left(i) + share];
    const x = [`xaxis${suffix(i)}`, { ...(layout.xaxis as object), domain, anchor: y(i) }];
    if (!ownY || i === 0) return [x];
    const untitled = { ...(layout.yaxis as object), title: { text: '' }, anchor: `x${suffix(i)}` };
    return [x, [`yaxis${suffix(i)}`, untitled]];
  });
  const titles = panels.map(({ layout }, i) => {
    const { text } = layout.title as { text: string };
    return { ...note, text, x: left(i) + share / 2, y: 1, yanchor: 'bottom' };
  });
  const shapes = panels.flatMap(({ layout }, i) =>
    ((layout.shapes ?? []) as Shape[]).map((shape) => ({
      ...shape,
      xref: shape.xref.replace('x', `x${suffix(i)}`),
      yref: shape.yref.replace('y', y(i)),
    })),
  );
  const shown = titles.filter(({ text }) => text);
  return {
    data: panels.flatMap(({ data }, i) =>
      data.map((trace) =>
        i === 0
          ? trace
          : {
              ...trace,
              ...{ xaxis: `x${i + 1}`, ...(ownY && { yaxis: y(i) }) },
              showlegend: isNew(trace, panels.slice(0, i)),
            },
      ),
    ),
    layout: {
      ...panels[0]!.layout,
      ...panelLayout(title),
      margin: { l: 75, r: 20, t: shown.length ? 75 : 50, b: 120 },
      legend: { orientation: 'h', entrywidth: 105, x: 0.5, xanchor: 'center', y: -0.26, yanchor: 'top' }, // in sight also where a window is narrow
      width,
      height,
      annotations: shown,
      shapes,
      ...Object.fromEntries(axes),
    },
  };
}

/** Whether a trace has a name that no panel before it has shown. */
const isNew = ({ name, showlegend }: Trace, before: readonly Figure[]): boolean =>
  name !== undefined &&
  showlegend !== false &&
  !before.some(({ data }) => data.some((other) => other.name === name));
