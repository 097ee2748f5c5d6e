import { displayBundle, type Bundle } from './display.js';

/** A table: names of the columns and rows of values. A danfojs DataFrame is one. */
export type Frame = { readonly columns: readonly string[]; readonly values: unknown };

/** Shows a table, or plain data as a table of its keys and values; numbers with four significant digits. */
export function table(data: Frame | { readonly [key: string]: unknown }): void {
  displayBundle(tableBundle(isFrame(data) ? data : listing(data)));
}

export const isFrame = (value: unknown): value is Frame =>
  typeof value === 'object' &&
  value !== null &&
  Array.isArray((value as Frame).columns) &&
  Array.isArray((value as Frame).values);

export const tableBundle = (frame: Frame): Bundle => ({
  'text/html': tableHtml(frame),
  'text/plain': tableText(frame),
});

export function tableHtml(frame: Frame): string {
  const sides = frame.columns.map((_, i) => side(rows(frame).map((values) => values[i])));
  const row = (tag: string, cells: readonly string[]) =>
    cells.map((cell, i) => `<${tag} style="text-align:${sides[i]}">${escape(cell)}</${tag}>`).join('');
  const body = rows(frame).map((values) => `<tr>${row('td', values.map(format))}</tr>`);
  return `<table><thead><tr>${row('th', frame.columns)}</tr></thead><tbody>${body.join('')}</tbody></table>`;
}

export function tableText(frame: Frame): string {
  const lines = [[...frame.columns], ...rows(frame).map((values) => values.map(format))];
  const widths = frame.columns.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const listing = (data: object): Frame => ({ columns: ['', 'value'], values: Object.entries(data) });

const rows = ({ values }: Frame): unknown[][] => values as unknown[][];

/** A column of nothing but numbers stands at the right, with its name. */
const side = (column: readonly unknown[]): string =>
  column.every((value) => typeof value === 'number') ? 'right' : 'left';

const format = (value: unknown): string =>
  typeof value === 'number' && !Number.isInteger(value)
    ? String(Number(value.toPrecision(4)))
    : String(value ?? '');

/** Text that HTML shows as it is. */
export const escape = (text: string): string =>
  text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!);
