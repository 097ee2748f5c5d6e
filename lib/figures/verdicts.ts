import type { Verdict } from '../experiments/claims.js';
import type { Estimate } from '../statistics.js';
import { displayBundle } from './display.js';
import { tableHtml, tableText, type Frame } from './table.js';

/** A number with its error, where it has one. */
export const estimateText = ({ mean, se }: Estimate): string =>
  Number(mean.toPrecision(3)) + (se ? ` ± ${Number(se.toPrecision(1))}` : '');

/** Shows claims and verdicts as a table, and as data that `npm run reproduce` collects. */
export function showVerdicts(verdicts: readonly Verdict[]): void {
  const frame: Frame = {
    columns: ['figure', 'claim', 'paper', 'ours', 'tolerance', 'verdict'],
    values: verdicts.map(({ figure, text, paper, ours, tolerance, verdict }) => [
      figure,
      text,
      paper,
      ours ? estimateText(ours) : '',
      tolerance,
      verdict,
    ]),
  };
  displayBundle({
    'application/vnd.learning-to-learn.verdicts+json': verdicts,
    'text/html': tableHtml(frame),
    'text/plain': tableText(frame),
  });
}
