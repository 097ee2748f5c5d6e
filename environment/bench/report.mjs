// The bench's tables, as text.
import { median, ratio } from './driver.mjs';
import { operations, rows, share, verdict } from './rows.mjs';

/** @typedef {import('./driver.mjs').Measured} Measured */
/** @typedef {{ machine: { [fact: string]: string | number }, titles: { [group: string]: string }, groups: { [group: string]: Measured[] } }} Results */

const digits = (/** @type {number} */ x) =>
  Number.isFinite(x) ? (x && Math.abs(x) < 1e-3 ? x.toExponential(1) : x.toLocaleString('en', { maximumSignificantDigits: x >= 100 ? Math.ceil(Math.log10(x)) : 3 })) : '—'; // prettier-ignore

/**
 * Columns as wide as their widest cell, the first to the left, the others to the right.
 * @param {string[][]} lines
 */
function columns(lines) {
  const widths = (lines[0] ?? []).map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  const pad = (/** @type {string} */ cell, /** @type {number} */ i) =>
    i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0);
  return lines.map((line) => line.map(pad).join('  ').trimEnd()).join('\n');
}

/** @param {string} title @param {Measured[]} measured @param {Results['groups']} all */
function groupTable(title, measured, all) {
  const first = measured.find(({ ms }) => ms.length);
  const shown = measured.filter(({ name }) => !name.startsWith('floor'));
  const lines = shown.map((program) => {
    const { name, ms, cpu, memory, first: start, why } = program;
    if (why || !ms.length || !first) return [name, why ?? 'not run'];
    const spread = `${digits(Math.min(...ms))}–${digits(Math.max(...ms))}`;
    const ofFloor = all.unroll === measured ? share(all, name) : undefined;
    const theirCpu = ratio({ ...program, ms: cpu }, { ...first, ms: first.cpu });
    return [
      name,
      digits(median(ms)),
      spread,
      digits(ratio(program, first)),
      digits(theirCpu),
      digits(memory),
      digits(start / 1e3),
      ofFloor === undefined ? '' : `${ofFloor.toFixed(0)} %`,
    ];
  });
  const head = [
    '',
    'ms',
    'spread',
    '×',
    '× cpu',
    'MB',
    'first, s',
    all.unroll === measured ? 'of floor' : '',
  ];
  return `${title}\n${columns([head, ...lines])}`;
}

/** @param {string} title @param {Measured[]} measured */
function checkTable(title, measured) {
  const lines = measured.map(({ name, error, why }) => [name, why ?? digits(error ?? NaN)]);
  return `${title}: ‖g − g₆₄‖ / ‖g₆₄‖ against double precision\n${columns(lines)}`;
}

/**
 * Milliseconds and megabytes against N.
 * @param {Results['groups']} groups
 */
function growthTable(groups) {
  const at = [1280, 5000, 15910, 50000].map((n) => ({
    n,
    measured: groups[n === 15910 ? 'unroll' : `unroll-${n}`],
  }));
  const shown = at.filter(({ measured }) => measured);
  const wanted = (shown[0]?.measured ?? [])
    .map(({ name }) => name)
    .filter((name) => !name.startsWith('floor'));
  const lines = wanted.map((name) => [
    name,
    ...shown.map(({ n, measured }) => {
      const found = measured?.find((program) => program.name === name && program.ms.length);
      if (!found) return '—';
      const ms = median(found.ms);
      return `${digits(ms)} (${digits((ms * 1e3) / n)}; ${digits(found.memory)})`;
    }),
  ]);
  const head = ['', ...shown.map(({ n }) => `N = ${n.toLocaleString('en')}`)];
  return `how cost grows: ms (µs a coordinate; MB)\n${columns([head, ...lines])}`;
}

/** @param {Results} results */
function promises({ groups }) {
  const lines = rows.map((row) => {
    const value = row.value(groups);
    const unit = row.unit && ` ${row.unit}`;
    const shown = value === undefined ? '—' : digits(value) + unit;
    return [
      row.what,
      shown,
      `${row.least ? '≥' : '≤'} ${row.bar}${unit}`,
      `${row.aim}${unit}`,
      verdict(row, value),
    ];
  });
  return `what was promised\n${columns([['', 'measured', 'bar', 'aim', 'reached'], ...lines])}`;
}

/**
 * Everything as text.
 * @param {Results} results
 */
export function report(results) {
  const { machine, titles, groups } = results;
  const facts = Object.entries(machine).map(([name, value]) => `${name} ${value}`);
  const tables = Object.entries(groups).map(([name, measured]) =>
    name === 'check'
      ? checkTable(titles[name] ?? '', measured)
      : groupTable(titles[name] ?? name, measured, groups),
  );
  const notes = [
    '× and × cpu: how many times longer than the first program of the table, in wall and in processor time; the median over the rounds of the',
    'ratio between neighbours. MB: peak memory above the process after import. first: from the start of the process to the first result.',
    `of floor: ${digits(operations(15910) / 1e9)} GFLOP of products against the multiply-add rate measured in the same rounds.`,
  ];
  return [facts.join('; '), ...tables, notes.join('\n'), growthTable(groups), promises(results)].join('\n\n');
}
