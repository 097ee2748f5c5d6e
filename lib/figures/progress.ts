import type { Progress } from '../progress.js';
import { displayOutput, inNotebook, type Output } from './display.js';
import { liveCurve } from './live.js';
import { escape } from './table.js';

/**
 * An `onProgress` that shows a bar with elapsed and remaining time: in a notebook one output that changes in place, at most
 * four times a second, with a curve of the losses where the work tells them; in a terminal one line, else a line every
 * ten seconds.
 */
export function progress(label = ''): (now: Progress) => void {
  const every = inNotebook() || process.stderr.isTTY ? 250 : 10_000; // ms
  const start = Date.now();
  const losses: number[] = [];
  let output: Output | undefined;
  let last = -Infinity;
  let begun: number | undefined; // not 0 where earlier work goes on
  return (now) => {
    begun ??= Math.max(0, Math.ceil(now.done) - 1);
    if (now.loss !== undefined) losses.push(now.loss);
    const finished = now.done >= now.total;
    if (!finished && Date.now() - last < every) return;
    last = Date.now();
    const text = progressLine(label, now, (Date.now() - start) / 1000, begun);
    if (inNotebook()) {
      const bundle = { 'text/plain': text, 'text/html': progressHtml(text, now, losses) };
      if (output) output.update(bundle);
      else output = displayOutput(bundle);
    } else if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}${finished ? '\n' : ''}`);
    else process.stderr.write(`${text}\n`);
  };
}

function progressHtml(text: string, { done, total }: Progress, losses: readonly number[]): string {
  const [label = '', rest = ''] = text.split(/ ?[━─]+ /);
  const bar = `<progress value="${done}" max="${total}" style="vertical-align:middle"></progress>`;
  return `<div>${escape(label)} ${bar} ${escape(rest)}</div>${liveCurve(losses)}`;
}

/** `training ━━━━────── 4/10, 0:12 elapsed, 0:18 left, loss 0.1`; of what is done, `begun` was done before. */
export function progressLine(
  label: string,
  { done, total, note }: Progress,
  seconds: number,
  begun = 0,
): string {
  const width = 20;
  const full = Math.round((width * done) / total);
  const bar = '━'.repeat(full) + '─'.repeat(width - full);
  const left =
    done > begun && done < total ? `, ${clock((seconds / (done - begun)) * (total - done))} left` : '';
  return `${label} ${bar} ${done}/${total}, ${clock(seconds)} elapsed${left}${note ? `, ${note}` : ''}`.trim();
}

/** Seconds as h:mm:ss or m:ss. */
export function clock(seconds: number): string {
  const s = Math.round(seconds);
  const two = (n: number) => String(n).padStart(2, '0');
  const [h, m] = [Math.floor(s / 3600), Math.floor(s / 60) % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
}
