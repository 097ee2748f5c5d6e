import { frontEnd } from '../frontend.js';
import type { Figure, Trace } from './curves.js';
import { displayBundle, type Bundle } from './display.js';
import { isPictureGrid, marked, type PictureGrid } from './pictures.js';
import { figurePng } from './static.js';
import { isFrame, table, tableBundle, type Frame } from './table.js';

/** What a figure may take in a notebook, picture included. */
export const mostBytes = 300_000;

/**
 * Shows a figure as one output: interactive where plotly draws, a picture elsewhere, its title where neither does; or a
 * grid of pictures; or a frame, such as danfojs's, as a table.
 *
 * Numbers are kept to five significant digits; of a figure that would take more than {@link mostBytes}, fewer points. A
 * short run says so in the title.
 */
export async function show(shown: Figure | PictureGrid | Frame): Promise<void> {
  if (isFrame(shown)) return table(shown);
  if (isPictureGrid(shown)) return displayBundle(gridBundle(shown), { 'image/png': { alt: shown.alt } });
  const figure = prepared(shown);
  displayBundle(await figureBundle(figure), metadata(figure));
}

/** A cell's last value shows itself. */
frontEnd()?.addFormatter((value) => {
  if (isFrame(value)) return tableBundle(value);
  if (isPictureGrid(value)) return gridBundle(value);
  return isFigure(value) ? figureBundle(prepared(value)) : undefined;
});

const isFigure = (value: unknown): value is Figure => {
  const { data, layout } = (value ?? {}) as Partial<Figure>;
  return Array.isArray(data) && typeof layout === 'object' && 'xaxis' in layout;
};

const gridBundle = ({ png, title }: PictureGrid): Bundle => ({
  'image/png': Buffer.from(png).toString('base64'),
  'text/plain': title,
});

async function figureBundle(figure: Figure): Promise<Bundle> {
  const png = Buffer.from(await figurePng(figure)).toString('base64');
  const bundle = {
    'application/vnd.plotly.v1+json': figure,
    'image/png': png,
    'text/plain': titleOf(figure).text,
  };
  const bytes = JSON.stringify(bundle).length;
  return bytes > mostBytes ? figureBundle(thinned(figure)) : bundle;
}

/** Buttons that would cover the title: dragging and a double click do what they do; the last would upload the figure. */
const unused = ['zoomin', 'zoomout', 'autoscale', 'select', 'lasso', 'sendcharttocloud'];

/** Rounded, on white also in a dark theme, and marked where the run was short. */
function prepared(figure: Figure): Figure {
  const rounded = JSON.parse(JSON.stringify(figure, round)) as Figure;
  const title = titleOf(rounded);
  title.text = marked(title.text);
  const look = { paper_bgcolor: 'white', plot_bgcolor: 'white', modebar: { remove: unused } };
  return { ...rounded, layout: { ...look, ...rounded.layout, title } };
}

const titleOf = ({ layout }: Figure) => (layout.title ?? { text: '' }) as { text: string };

/** For readers who do not see the picture, in the place where nbconvert looks for it. */
function metadata(figure: Figure): object {
  const names = figure.data.filter(({ name, showlegend }) => name && showlegend !== false);
  const alt = `${titleOf(figure).text}: ${names.map(({ name }) => name).join(', ')}`;
  return { 'image/png': { alt } };
}

/** Every other point of the lines that have more than 100. */
function thinned(figure: Figure): Figure {
  const half = (values: unknown) =>
    Array.isArray(values) && values.length > 100 ? values.filter((_, i) => i % 2 === 0) : values;
  const data = figure.data.map((trace): Trace => ({ ...trace, x: half(trace.x), y: half(trace.y) }));
  if (JSON.stringify(data) === JSON.stringify(figure.data)) {
    throw new Error(`the figure takes more than ${mostBytes / 1000} kB in a notebook: draw fewer lines`);
  }
  return { ...figure, data };
}

const round = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;
