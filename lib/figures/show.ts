import type { Figure } from './curves.js';
import { displayBundle } from './display.js';
import { figurePng } from './static.js';

/**
 * Shows a figure as one output: interactive where plotly draws, a picture elsewhere, its title where neither does.
 * Numbers are kept to five significant digits. A short run says so in the title.
 */
export async function show(figure: Figure): Promise<void> {
  const rounded = JSON.parse(JSON.stringify(figure, round)) as Figure;
  const title = (rounded.layout.title ?? { text: '' }) as { text: string };
  if (process.env.L2L_FAST === '1') title.text += ' (short run)';
  rounded.layout.title = title;
  const png = await figurePng(rounded);
  displayBundle({
    'application/vnd.plotly.v1+json': rounded,
    'image/png': Buffer.from(png).toString('base64'),
    'text/plain': title.text,
  });
}

const round = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;
