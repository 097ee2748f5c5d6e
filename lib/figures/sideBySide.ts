import type { Figure } from './curves.js';

type Shape = { readonly xref: string; readonly yref: string };

/**
 * Figures as panels of one, with one legend (Figs. 4–8); each keeps its title above its panel. They have a common y axis, or
 * with `ownY` each its own.
 */
export function sideBySide(
  panels: readonly Figure[],
  title = '',
  { width = 960, height = 490, ownY = false } = {},
): Figure {
  const gap = ownY ? 0.09 : panels.length > 2 ? 0.03 : 0.05;
  const share = (1 - gap * (panels.length - 1)) / panels.length;
  const left = (i: number) => i * (share + gap);
  const suffix = (i: number) => (i === 0 ? '' : String(i + 1));
  const yOf = (i: number) => (ownY ? `y${suffix(i)}` : 'y');
  const axes = panels.map(({ layout }, i) => [
    `xaxis${suffix(i)}`,
    { ...(layout.xaxis as object), domain: [left(i), left(i) + share], anchor: yOf(i) },
  ]);
  const ownAxes = (ownY ? panels : []).map(({ layout }, i) => [
    `yaxis${suffix(i)}`,
    { ...(layout.yaxis as object), anchor: `x${suffix(i)}`, ...(i > 0 && { title: { text: '' } }) },
  ]);
  const titles = panels.map(({ layout }, i) => ({
    text: (layout.title as { text: string }).text,
    x: left(i) + share / 2,
    y: 1,
    xref: 'paper',
    yref: 'paper',
    yanchor: 'bottom',
    showarrow: false,
  }));
  const shapes = panels.flatMap(({ layout }, i) =>
    ((layout.shapes ?? []) as Shape[]).map((shape) => ({
      ...shape,
      xref: shape.xref.replace('x', `x${suffix(i)}`),
      yref: shape.yref.replace(/^y/, yOf(i)),
    })),
  );
  const shown = titles.filter(({ text }) => text);
  return {
    data: panels.flatMap(({ data }, i) =>
      data.map((trace) =>
        i === 0 ? trace : { ...trace, xaxis: `x${i + 1}`, ...(ownY && { yaxis: yOf(i) }), showlegend: false },
      ),
    ),
    layout: {
      ...panels[0]!.layout,
      title: { text: title, y: 0.98, yref: 'container', yanchor: 'top' },
      margin: { l: 75, r: 20, t: shown.length ? 75 : 50, b: 120 },
      legend: { orientation: 'h', entrywidth: 105, x: 0.5, xanchor: 'center', y: -0.26, yanchor: 'top' }, // in sight also where a window is narrow
      width,
      height,
      font: { size: 15 }, // 12 px where a notebook is 770 px wide
      annotations: shown,
      shapes,
      ...Object.fromEntries([...axes, ...ownAxes]),
    },
  };
}
