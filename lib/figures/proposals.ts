import type { Proposals } from '../inside/proposedUpdates.js';
import { lineStyles, plainLayout, type Figure, type Trace } from './curves.js';
import { legendBelow, note, panelLayout, spread, suffix, updateTitle } from './panels.js';

export interface ProposalsOptions {
  title?: string;
  /** Panels in a row. */
  columns?: number;
  /** What θ is measured in. */
  unit?: string;
  width?: number;
  height?: number;
}

/**
 * The update that each optimizer would propose for one coordinate against the gradient that it might see, a small panel a
 * step, and a dot where the gradient was: Figs. 11–13. The panels of a row have a common axis, which fits all but SGD.
 */
export function proposalGrid(proposals: Proposals, options: ProposalsOptions = {}): Figure {
  const { coordinate, grid, seen, updates } = proposals;
  const { title = coordinate, columns = 8, unit, width = 960, height = 640 } = options;
  const names = Object.keys(updates);
  const style = lineStyles(names);
  const rows = Math.ceil(seen.length / columns);
  const [tall, wide] = [spread(rows, 0.075), spread(columns, 0.012)];
  const place = (i: number) => ({ row: Math.floor(i / columns), column: i % columns });

  const data = seen.flatMap((gradient, t): Trace[] => {
    const { row, column } = place(t);
    const axes = { xaxis: `x${suffix(column)}`, yaxis: `y${suffix(row)}` };
    const lines = [...names].reverse().map((name): Trace => {
      const { color } = style(name);
      return {
        ...axes,
        x: grid,
        y: updates[name]![t]!,
        name,
        mode: 'lines',
        line: { color, width: 2 },
        legendgroup: name,
        showlegend: t === 0,
        hovertemplate: `${name}, step ${t}, gradient %{x:.3g}: %{y:.3g}<extra></extra>`,
      };
    });
    const dots = names.slice(0, 1).map(
      (name): Trace => ({
        ...axes,
        x: [gradient],
        y: [between(grid, updates[name]![t]!, gradient)],
        name: 'the gradient it saw',
        mode: 'markers',
        marker: { size: 7, color: '#111111' },
        legendgroup: 'seen',
        showlegend: t === 0,
        hovertemplate: `step ${t}: the gradient was %{x:.3g}<extra></extra>`,
      }),
    );
    return [...lines, ...dots];
  });

  const bottom = (row: number) => 1 - tall.share - tall.left(row);
  const most = grid.at(-1)!;
  const common = { showline: true, linecolor: '#bbbbbb', mirror: 'all', zerolinecolor: '#bbbbbb' };
  const xaxes = Array.from({ length: Math.min(columns, seen.length) }, (_, column) => [
    `xaxis${suffix(column)}`,
    {
      ...common,
      domain: [wide.left(column), wide.left(column) + wide.share],
      anchor: `y${suffix(rows - 1)}`,
      range: [-1.15 * most, 1.15 * most],
      tickangle: 0,
      ...ticks(most, (side) => (side === column % 2 ? undefined : '')), // one number a panel: there is no room for two
    },
  ]);
  // Of each row; a baseline whose rate is large leaves its panels.
  const drawn = names.filter((name) => name !== 'SGD' || names.length === 1);
  const highest = (row: number) =>
    Math.max(
      ...drawn.flatMap((name) =>
        updates[name]!.slice(row * columns, (row + 1) * columns)
          .flat()
          .map(Math.abs),
      ),
    );
  const yaxes = Array.from({ length: rows }, (_, row) => [
    `yaxis${suffix(row)}`,
    {
      ...common,
      domain: [bottom(row), bottom(row) + tall.share],
      anchor: 'x',
      range: [-1.15 * highest(row), 1.15 * highest(row)],
      ...ticks(highest(row)),
    },
  ]);
  const steps = seen.map((_, t) => {
    const { row, column } = place(t);
    const [x, y] = [wide.left(column) + wide.share / 2, bottom(row) + tall.share];
    return { ...note, text: `step ${t}`, x, y, yanchor: 'bottom' };
  });
  return {
    data,
    layout: {
      ...plainLayout(title, width, height, 85),
      ...panelLayout(title),
      margin: { l: 100, r: 15, t: 75, b: 115 },
      legend: legendBelow(-0.15, 165),
      annotations: [
        ...steps,
        { ...note, text: 'gradient of the coordinate', x: 0.5, y: 0, yshift: -62, yanchor: 'bottom' },
        updateTitle(unit),
      ],
      ...Object.fromEntries([...xaxes, ...yaxes]),
    },
  };
}

/** The value at x of the line through these points. */
function between(grid: readonly number[], values: readonly number[], x: number): number {
  const next = Math.max(
    1,
    grid.findIndex((g) => g >= x),
  );
  const [a, b] = [grid[next - 1]!, grid[next]!];
  return values[next - 1]! + ((values[next]! - values[next - 1]!) * (x - a)) / (b - a);
}

/** Zero and a round number on both sides (0, 1 and −1), with another text where `instead` has one. */
function ticks(most: number, instead: (side: number) => string | undefined = () => undefined) {
  const digit = 10 ** Math.floor(Math.log10(most));
  const round = [5, 2, 1].map((d) => d * digit).find((value) => value <= most) ?? digit;
  const text = round < 1e-3 ? round.toExponential(0) : Number(round.toPrecision(1)).toString();
  const texts = { [-1]: `−${text}`, 0: '0', 1: text };
  const sides = [-1, 0, 1] as const;
  return {
    tickmode: 'array',
    tickvals: sides.map((side) => side * round),
    ticktext: sides.map((side) => instead(side) ?? texts[side]),
  };
}
