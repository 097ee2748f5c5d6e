// What figures of several panels have in common.

/** Of the i-th axis of its kind: x, x2, x3, …. */
export const suffix = (i: number): string => (i === 0 ? '' : String(i + 1));

/** So many panels side by side, as shares of the figure's width: what each has, and where the i-th begins. */
export function spread(count: number, gap: number): { share: number; left: (i: number) => number } {
  const share = (1 - gap * (count - 1)) / count;
  return { share, left: (i) => i * (share + gap) };
}

/** Text beside the axes. Plotly without a screen places it right where it is aligned left, which no single line shows. */
export const note = { xref: 'paper', yref: 'paper', xanchor: 'center', align: 'left', showarrow: false };

/** What stands left of all panels that show proposed updates (Figs. 10–13). */
export const updateTitle = (unit?: string) => ({
  ...{ ...note, text: unit ? `proposed update (${unit})` : 'proposed update', textangle: -90 },
  ...{ x: 0, xshift: -68, y: 0.5, yanchor: 'middle' },
});

/** A legend under the axes, where names have room for so many pixels; the last line drawn, on top, comes first. */
export const legendBelow = (y: number, entrywidth = 105) => ({
  ...{ orientation: 'h', entrywidth, traceorder: 'reversed' },
  ...{ x: 0.5, xanchor: 'center', y, yanchor: 'top' },
});

/** A title at the upper edge, over the panels' own, and type of 12 px where a notebook is 770 px wide. */
export const panelLayout = (title: string) => ({
  title: { text: title, y: 0.98, yref: 'container', yanchor: 'top' },
  font: { size: 15 },
});
