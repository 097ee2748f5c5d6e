/** Points drawn at most; more are averaged in groups. */
const most = 200;
const [width, height] = [480, 90];

/**
 * The losses so far as a small curve on a logarithmic axis, in SVG of a few kilobytes: what {@link progress} draws while a
 * training runs. Empty before the second loss; losses that have no logarithm are left out.
 */
export function liveCurve(losses: readonly number[]): string {
  const all = losses
    .map((loss, i) => [i + 1, loss] as const)
    .filter(([, loss]) => loss > 0 && loss < Infinity);
  if (all.length < 2) return '';
  const points = grouped(all, Math.ceil(all.length / most));
  const logs = points.map(([, loss]) => Math.log10(loss));
  const [low, high] = [Math.min(...logs), Math.max(...logs)];
  const [first, last] = [points[0]![0], points.at(-1)![0]];
  const x = (i: number) => (60 + ((i - first) / Math.max(1, last - first)) * (width - 64)).toFixed(1);
  const y = (log: number) => (14 + ((high - log) / (high - low || 1)) * (height - 32)).toFixed(1);
  const line = points.map(([i], k) => `${x(i)},${y(logs[k]!)}`).join(' ');
  const label = (log: number) =>
    `<text x="54" y="${Number(y(log)) + 4}" text-anchor="end">${short(10 ** log)}</text>`;
  const said = `loss of ${last} episodes, from ${short(points[0]![1])} to ${short(points.at(-1)![1])}`;
  return [
    `<svg role="img" aria-label="${said}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`,
    ` style="max-width:100%;font:12px sans-serif" fill="currentColor"><path d="M60 10V${height - 16}H${width}" fill="none"`,
    ` stroke="currentColor" stroke-opacity=".3"/>${label(high)}${high > low ? label(low) : ''}`,
    `<polyline points="${line}" fill="none" stroke="#ff7f0e" stroke-width="2"/>`,
    `<text x="60" y="${height - 2}">${first}</text><text x="${width}" y="${height - 2}" text-anchor="end">${last}</text></svg>`,
  ].join('');
}

const short = (loss: number) => String(Number(loss.toPrecision(3)));

/** Means of `size` neighbours, so that a long training costs no more to draw than a short one. */
function grouped(points: readonly (readonly [number, number])[], size: number): [number, number][] {
  const groups = Array.from({ length: Math.ceil(points.length / size) }, (_, k) =>
    points.slice(k * size, (k + 1) * size),
  );
  return groups.map((group) => [
    group.at(-1)![0],
    group.reduce((sum, [, loss]) => sum + loss, 0) / group.length,
  ]);
}
