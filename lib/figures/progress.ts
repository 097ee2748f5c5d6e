import type { Progress } from '../progress.js';
import { displayBundle, inNotebook } from './display.js';

let displays = 0;

/**
 * An `onProgress` that shows a bar with elapsed and remaining time: in a notebook one output that changes in place, in
 * a terminal one line, else a line every ten seconds.
 */
export function progress(label = ''): (now: Progress) => void {
  const id = `progress-${process.pid}-${++displays}`;
  const every = inNotebook() || process.stderr.isTTY ? 100 : 10_000; // ms
  const start = Date.now();
  let last = -Infinity;
  let begun: number | undefined; // not 0 where earlier work goes on
  return (now) => {
    begun ??= now.done - 1;
    const finished = now.done >= now.total;
    if (!finished && Date.now() - last < every) return;
    const text = progressLine(label, now, (Date.now() - start) / 1000, begun);
    if (inNotebook()) displayBundle({ 'text/plain': text }, { id, update: last > 0 });
    else if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}${finished ? '\n' : ''}`);
    else process.stderr.write(`${text}\n`);
    last = Date.now();
  };
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
