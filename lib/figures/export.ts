import { writeFileSync } from 'node:fs';
import type { Figure } from './curves.js';
import { figurePng, figureSvg } from './static.js';

/** A figure's numbers, one row a point: the trace's name, its axis where there are several panels, x, y. */
export function figureCsv(figure: Figure): string {
  const rows = figure.data.flatMap(({ name, legendgroup, xaxis = 'x', x = [], y = [] }) =>
    (y as unknown[]).map((value, i) =>
      [name ?? `${legendgroup ?? ''} (edge of the band)`, xaxis, (x as unknown[])[i], value]
        .map(field)
        .join(','),
    ),
  );
  return ['trace,panel,x,y', ...rows].join('\n') + '\n';
}

/** RFC 4180: quotes where a comma, a quote or a line break stands in the value. */
function field(value: unknown): string {
  const text = String(value ?? '');
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Writes a figure for a paper or a slide: the kind of file follows from the name, `.svg`, `.png`, or `.csv` for its numbers.
 *
 * @throws where the name ends otherwise
 */
export async function saveFigure(figure: Figure, path: string): Promise<void> {
  if (path.endsWith('.svg')) writeFileSync(path, await figureSvg(figure));
  else if (path.endsWith('.png')) writeFileSync(path, await figurePng(figure));
  else if (path.endsWith('.csv')) writeFileSync(path, figureCsv(figure));
  else throw new Error(`a figure is written as .svg, .png or .csv, got '${path}'`);
}
