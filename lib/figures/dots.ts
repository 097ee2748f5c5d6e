import { logTicks, plainLayout, type Figure, type Trace } from './curves.js';
import { spread, suffix } from './panels.js';

/** One measured quantity: its name, and the values of every variant. */
export interface Column {
  readonly name: string;
  readonly values: { readonly [variant: string]: readonly number[] };
}

/**
 * Variants from above down, one panel a quantity, one dot a value, on logarithmic axes; a dashed line through the mean of
 * the first variant, which the others are held against.
 */
export function dots(columns: readonly Column[], { title = '', width = 960, height = 460 } = {}): Figure {
  const variants = Object.keys(columns[0]?.values ?? {});
  const { share, left } = spread(columns.length, 0.03);
  const data = columns.flatMap(({ name, values }, i) =>
    variants.map(
      (variant, k): Trace => ({
        x: values[variant]!,
        y: values[variant]!.map(() => variant),
        xaxis: `x${suffix(i)}`,
        name: variant,
        mode: 'markers',
        marker: { size: 11, color: k === 0 ? '#ff7f0e' : '#333333', opacity: 0.75 },
        showlegend: false,
        hovertemplate: `${variant}, ${name}: %{x:.3g}<extra></extra>`,
      }),
    ),
  );
  const axes = columns.map(({ name }, i) => [
    `xaxis${suffix(i)}`,
    {
      title: { text: name },
      type: 'log',
      domain: [left(i), left(i) + share],
      anchor: 'y',
      ...logTicks,
      tickangle: 0,
    },
  ]);
  const shapes = columns.map(({ values }, i) => {
    const first = values[variants[0]!]!;
    const x = first.reduce((a, b) => a + b, 0) / first.length;
    const line = { color: '#ff7f0e', width: 1.5, dash: 'dash' };
    return { type: 'line', xref: `x${suffix(i)}`, yref: 'y domain', x0: x, x1: x, y0: 0, y1: 1, line };
  });
  return {
    data,
    layout: {
      ...plainLayout(title, width, height),
      font: { size: 15 },
      margin: { l: 200, r: 20, t: 50, b: 60 },
      yaxis: { autorange: 'reversed', categoryorder: 'array', categoryarray: variants },
      shapes,
      ...Object.fromEntries(axes),
    },
  };
}
