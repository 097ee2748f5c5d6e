// The rows that the project promised: what was measured, the bar, the aim.
import { median, ratio } from './driver.mjs';
import { best, names, native } from './programs.mjs';

/** @typedef {import('./driver.mjs').Measured} Measured */
/** @typedef {{ [group: string]: Measured[] }} Results */
/**
 * `value` is undefined where something it needs was not measured; `least`: more is better.
 * @typedef {{ what: string, unit: string, bar: number, aim: number, least: boolean, value: (results: Results) => number | undefined }} Row
 */

/** Floating-point operations of the unroll that no way around saves: products of the forward and backward pass. */
export const operations = (/** @type {number} */ n) => n * 20 * (4980 + 9780) * 2;

/** @param {Results} results @param {string} group @param {string} name */
const find = (results, group, name) =>
  results[group]?.find((measured) => measured.name === name && measured.ms.length);

/** How many times longer `theirs` took, the fastest of them where there are several. */
export const times = (
  /** @type {Results} */ results,
  /** @type {string} */ group,
  /** @type {string} */ ours,
  /** @type {string[]} */ ...theirs
) => {
  const us = find(results, group, ours);
  const them = theirs.flatMap((name) => find(results, group, name) ?? []);
  return us && them.length ? Math.min(...them.map((other) => ratio(other, us))) : undefined;
};

/**
 * Share of the multiply-add rate, activations not counted as useful.
 * @param {Results} results @param {string} name
 */
export function share(results, name) {
  const us = find(results, 'unroll', name);
  const floor = find(results, 'unroll', `floor of ${name}`);
  if (!us || !floor) return undefined;
  // The floor is what the threads do undisturbed: the fastest round.
  const rate = (floor.out?.[0] ?? NaN) / Math.min(...floor.ms);
  return (100 * operations(15910)) / median(us.ms) / rate;
}

/** @param {Results} results @param {string} group @param {string} name */
const memory = (results, group, name) => find(results, group, name)?.memory;

/** @param {(value: number) => number} pick @param {string[]} groups */
const first =
  (pick, ...groups) =>
  (/** @type {Results} */ results) => {
    const found = groups.flatMap((group) => find(results, group, best)?.first ?? []);
    return found.length ? pick(Math.max(...found)) : undefined;
  };

const wide = native.includes('native avx512');
const fastest = wide ? 'native avx512' : 'native avx2';
/**
 * With AVX2 alone a tie is asked for.
 * @param {number} bar @param {number} aim
 */
const native_ = (bar, aim) => (wide ? { bar, aim } : { bar: 1, aim: 1 });
const jax = [names.chunks, names.whole, names.tape];

/** @type {Row[]} */
export const rows = [
  { what: 'unroll: wasm against TensorFlow.js wasm', unit: '×', bar: 20, aim: 30, least: true, value: (r) => times(r, 'unroll', 'wasm', 'TensorFlow.js wasm') },
  { what: 'unroll: wasm against PyTorch, two LSTMCell', unit: '×', bar: 1.9, aim: 2.5, least: true, value: (r) => times(r, 'unroll', 'wasm', names.cells) },
  { what: 'unroll: wasm against PyTorch, compiled step', unit: '×', bar: 1.2, aim: 1.5, least: true, value: (r) => times(r, 'unroll', 'wasm', names.compiled) },
  { what: `unroll: ${fastest} against the best JAX`, unit: '×', ...native_(1.5, 2), least: true, value: (r) => times(r, 'unroll', fastest, ...jax) },
  { what: 'MNIST episode: wasm against PyTorch, literal', unit: '×', bar: 10, aim: 15, least: true, value: (r) => times(r, 'mnist', 'wasm', names.literal) },
  { what: 'MNIST episode: wasm against PyTorch, two LSTMCell', unit: '×', bar: 2, aim: 3, least: true, value: (r) => times(r, 'mnist', 'wasm', names.cells) },
  { what: `MNIST episode: ${fastest} against the best JAX`, unit: '×', ...native_(1.4, 2), least: true, value: (r) => times(r, 'mnist', fastest, ...jax) },
  { what: `quadratics episode: ${best} against the best JAX`, unit: '×', bar: 1.2, aim: 2, least: true, value: (r) => times(r, 'quadratics', best, ...jax) },
  { what: 'gradient of the convolutional network: wasm against TensorFlow.js wasm', unit: '×', bar: 10, aim: 20, least: true, value: (r) => times(r, 'convnet', 'wasm', 'TensorFlow.js wasm') },
  { what: `gradient of the convolutional network: ${best} against PyTorch, channels last`, unit: '×', ...native_(1.5, 2.5), least: true, value: (r) => times(r, 'convnet', best, names.channelsLast) },
  { what: 'episode of the convolutional network: wasm', unit: 's', bar: 12, aim: 6, least: false, value: (r) => seconds(r, 'convnet-episode', 'wasm') },
  { what: `episode of the convolutional network: ${best}`, unit: 's', bar: 5, aim: 2.5, least: false, value: (r) => seconds(r, 'convnet-episode', best) },
  { what: 'gradient of neural art: wasm against the plain path, wasm', unit: '×', bar: 1.5, aim: 2.5, least: true, value: (r) => times(r, 'style', 'wasm', 'plain path, wasm') },
  { what: `gradient of neural art: ${best} against PyTorch, channels last`, unit: '×', ...native_(1.3, 2), least: true, value: (r) => times(r, 'style', best, names.channelsLast) },
  { what: 'share of the multiply-add rate, wasm', unit: '%', bar: 50, aim: 65, least: true, value: (r) => share(r, 'wasm') },
  { what: 'share of the multiply-add rate, native avx512', unit: '%', bar: 40, aim: 60, least: true, value: (r) => share(r, 'native avx512') },
  { what: `memory, N = 15,910, ${best}`, unit: 'MB', bar: 50, aim: 25, least: false, value: (r) => memory(r, 'memory-15910', best) },
  { what: 'memory, N = 15,910, wasm', unit: 'MB', bar: 50, aim: 25, least: false, value: (r) => memory(r, 'memory-15910', 'wasm') },
  { what: `memory, N = 50,000, ${best}`, unit: 'MB', bar: 100, aim: 75, least: false, value: (r) => memory(r, 'memory-50000', best) },
  { what: 'memory, N = 50,000, wasm', unit: 'MB', bar: 100, aim: 75, least: false, value: (r) => memory(r, 'memory-50000', 'wasm') },
  { what: 'first MNIST episode since the process began', unit: 's', bar: 2, aim: 0.7, least: false, value: first((ms) => ms / 1e3, 'mnist') },
  { what: 'first quadratics episode since the process began', unit: 's', bar: 2, aim: 0.7, least: false, value: first((ms) => ms / 1e3, 'quadratics') },
  { what: 'largest error of a gradient of ours against float64', unit: '', bar: 1e-5, aim: 1e-6, least: false, value: (r) => worstError(r) },
]; // prettier-ignore

/** @param {Results} results @param {string} group @param {string} name */
function seconds(results, group, name) {
  const found = find(results, group, name);
  return found && median(found.ms) / 1e3;
}

/** @param {Results} results */
function worstError({ check }) {
  const ours = check?.filter(({ name }) => /^(native|wasm)/.test(name)).map(({ error }) => error ?? NaN);
  return ours?.length ? Math.max(...ours) : undefined;
}

/** @param {Row} row @param {number | undefined} value */
export function verdict({ bar, aim, least, what }, value) {
  if (value === undefined) return what.includes('avx512') && !wide ? 'no AVX-512 here' : 'not measured here';
  if (Number.isNaN(value)) return 'NOT REACHED';
  const reaches = (/** @type {number} */ goal) => (least ? value >= goal : value <= goal);
  return reaches(aim) ? 'aim' : reaches(bar) ? 'bar' : 'NOT REACHED';
}

export { median };
