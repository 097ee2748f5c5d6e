// What must not break: memory that is not there, threads that die or outlive their work, numbers too small or not numbers.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Maker, Plan } from './machine.js';
import { loadNative } from './native.js';
import { loadWasm } from './wasm.js';

const plan: Plan = { coordinates: 1000, steps: 4, threads: 2, units: 20, layers: 2, store: false, scale: 0.1, p: 10 }; // prettier-ignore
const makers: [string, () => Maker | undefined][] = [
  ['native', () => loadNative(true)],
  ['wasm', () => loadWasm()],
];

test.each(makers)('%s: too little memory is one line with the sizes', (_, load) => {
  const huge = { ...plan, coordinates: 40_000_000, steps: 100, store: true };
  expect(() => load()!.make(huge)).toThrow(
    /^no memory for the engine: 40000000 coordinates over 100 steps with 20 units need about \d+ MiB; take a shorter unroll, or L2L_ENGINE=plain$/,
  );
});

describe.each(makers)('%s', (_, load) => {
  function gradient(size: number, weight = 0.3) {
    const m = load()!.make({ ...plan, threads: 1 });
    m.parameters.forEach((_, i) => (m.parameters[i] = weight * Math.sin(i)));
    m.run('pack', 0);
    for (let t = 0; t < 4; t++) {
      m.gradients.fill(0.1, t * m.padded, t * m.padded + 1000);
      m.cotangents.fill(size, t * m.padded, t * m.padded + 1000);
      m.run('forward', t);
    }
    m.run('backward', 0);
    m.run('reduce', 0);
    const result = Array.from(m.parameterGradients);
    m.close();
    return { cells: result.slice(0, -21), output: result.slice(-21) };
  }

  test('numbers on their way to the denormal range, as behind saturated gates, are taken as zero', () => {
    expect(gradient(1e-10).cells.some((x) => x !== 0)).toBe(true);
    const tiny = gradient(1e-25); // 1e-26 and less inside, where floats go down to 1e-38
    expect(tiny.output.every((x) => x !== 0)).toBe(true);
    expect(tiny.cells.every((x) => x === 0)).toBe(true);
  });

  test('saturated gates give finite numbers', () => {
    const { cells, output } = gradient(1, 300);
    expect([...cells, ...output].every(Number.isFinite)).toBe(true);
  });
});

describe('in a process of its own', () => {
  const root = join(__dirname, '..', '..');
  const engine = (file: string) => JSON.stringify(join(root, 'lib', 'dist', 'engine', file));
  const node = async (script: string, env = {}) => {
    const options = { cwd: root, timeout: 120_000, env: { ...process.env, ...env } };
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], options);
    return stdout.trim();
  };
  const use = (load: string) => `
    const threads = () => require('fs').readdirSync('/proc/self/task').length;
    const maker = ${load};
    const plan = { coordinates: 1000, steps: 2, units: 20, layers: 2, store: false, scale: 1, p: 10 };
    const work = (threads) => { const m = maker.make({ ...plan, threads }); m.run('pack', 0); m.run('forward', 0); return m; };`;
  const loads = [
    ['native', `require(${engine('native.js')}).loadNative(true)`],
    ['wasm', `require(${engine('wasm.js')}).loadWasm()`],
  ] as const;

  test.runIf(process.platform === 'linux').each(loads)('%s: close() leaves no thread', async (_, load) => {
    const script = `${use(load)} work(1).close(); const before = threads();
      const machines = [work(3), work(3)]; const busy = threads(); machines.forEach((m) => m.close());
      let asked = 0; // a busy machine ends them later
      const end = () => ++asked < 60 && threads() > before ? setTimeout(end, 1000) : console.log(busy - before, threads() - before);
      setTimeout(end, 1000);`;
    const [busy, after] = (await node(script)).split(' ').map(Number);
    expect(busy).toBeGreaterThanOrEqual(4);
    expect(after).toBeLessThanOrEqual(0);
  });

  test.each(loads)('%s: a process with machines open ends by itself', async (_, load) => {
    expect(await node(`${use(load)} work(3); work(3); console.log('done');`)).toBe('done');
  });

  test('a thread that dies in its work is an error, not a hang', async () => {
    // This one claims a piece of work, and exits.
    const script = `const workers = require('node:worker_threads');
      const claim = 'const next = Atomics.load(board, 0); if (next < 8 && Atomics.compareExchange(board, 0, next, next + 1) === next) process.exit();';
      workers.Worker = class extends workers.Worker {
        constructor(source, options) { super(source.replace('if (kernel.work', claim + 'if (kernel.work'), options); }
      };
      ${use(`require(${engine('wasm.js')}).loadWasm(undefined, 300)`)}
      try { const machine = work(2); for (const began = Date.now(); Date.now() - began < 30_000; ) machine.run('forward', 0); }
      catch (error) { console.log(error.message); process.exit(); }`;
    expect(await node(script)).toBe(
      'a thread of the engine died in its work: run again, or take L2L_ENGINE=plain',
    );
  });

  test('without shared memory one thread computes the same bits as many', async () => {
    const script = (prelude: string) => `${prelude}
      const l = require('learning-to-learn');
      l.ready().then(() => {
        const m = l.lstm(); const o = m.at(m.init(1)); const f = l.quadratic({ batch: 100 })(1);
        console.log(l.kernelName(), l.ravel(l.unroll(o, f, l.start(o, f), 5).end.theta).dataSync().join());
      });`;
    const env = { L2L_BACKEND: 'cpu' };
    const alone = await node(script('delete globalThis.SharedArrayBuffer;'), { ...env, L2L_ENGINE: 'wasm' });
    const many = await node(script(''), { ...env, L2L_ENGINE: 'wasm:simd' });
    expect(alone.startsWith('wasm (single) ')).toBe(true);
    expect(alone.split(' ')[2]).toBe(many.split(' ')[2]);
  });
});
