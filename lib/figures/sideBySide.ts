import type { Figure } from './curves.js';

type Shape = { readonly xref: string; readonly yref: string };

/** Figures as panels of one, with a common y axis and one legend (Figs. 4–7); each keeps its title above its panel. */
export function sideBySide(panels: readonly Figure[], title = '', { width = 960 } = {}): Figure {
  const gap = panels.length > 2 ? 0.03 : 0.05;
  const share = (1 - gap * (panels.length - 1)) / panels.length;
  const left = (i: number) => i * (share + gap);
  const suffix = (i: number) => (i === 0 ? '' : String(i + 1));
  const axes = panels.map(({ layout }, i) => [
    `xaxis${suffix(i)}`,
    { ...(layout.xaxis as object), domain: [left(i), left(i) + share], anchor: 'y' },
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
    })),
  );
  return {
    data: panels.flatMap(({ data }, i) =>
      data.map((trace) => (i === 0 ? trace : { ...trace, xaxis: `x${i + 1}`, showlegend: false })),
    ),
    layout: {
      ...panels[0]!.layout,
      title: { text: title },
      width,
      font: { size: 15 }, // 12 px where a notebook is 770 px wide
      annotations: titles.filter(({ text }) => text),
      shapes,
      ...Object.fromEntries(axes),
    },
  };
}
