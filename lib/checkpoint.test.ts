import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, expect, test } from 'vitest';
import { loadParams, saveParams } from './checkpoint.js';
import { fromHalf, toHalf } from './float16.js';
import { quadratic } from './optimizees/index.js';
import { lstm } from './optimizers/index.js';
import { get, ravel } from './params.js';
import { start, unroll } from './unroll.js';

const folder = mkdtempSync(join(tmpdir(), 'l2l-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'phi.safetensors');
const learned = lstm({ hidden: [4] });
const phi = learned.init(5);

test('φ and its metadata survive a round trip bit for bit, and walk the same way', async () => {
  await saveParams(file, phi, { seed: 5, settings: { lr: 0.1 } });
  const { params, metadata } = loadParams(file, phi);
  expect(Object.keys(params)).toEqual(Object.keys(phi));
  expect(ravel(params).dataSync()).toEqual(ravel(phi).dataSync());
  expect(metadata).toEqual({ seed: 5, settings: { lr: 0.1 } });
  const f = quadratic()(1);
  const end = (p: typeof phi) => unroll(learned.at(p), f, start(learned.at(p), f), 5).end.theta;
  expect(ravel(end(params)).dataSync()).toEqual(ravel(end(phi)).dataSync());
  expect(readdirSync(folder)).toEqual(['phi.safetensors']);
});

test.each([0, 3, 8, 100, 700])('a file cut after %d bytes is refused by name', async (length) => {
  await saveParams(file, phi);
  const whole = readFileSync(file);
  writeFileSync(file, whole.subarray(0, length));
  expect(() => loadParams(file, phi)).toThrow(`${file} is truncated: ${length} bytes, expected`);
});

test('another architecture, a missing, a surplus and a broken tensor are refused by name', async () => {
  const refused = async (params: typeof phi, message: string) => {
    await saveParams(file, params);
    expect(() => loadParams(file, phi)).toThrow(message);
  };
  const { 'linear/bias': bias, ...rest } = phi;
  await refused(
    lstm({ hidden: [8] }).init(0),
    "'lstm0/kernel' has shape [9,32], expected [5,16]: another architecture",
  );
  await refused(rest, "no tensor 'linear/bias'; there are: lstm0/kernel");
  await refused({ ...phi, more: bias! }, "unexpected tensor 'more'");
  await refused(
    { ...phi, 'linear/bias': tf.tensor1d([NaN]) },
    "'linear/bias' holds values that are not finite",
  );
});

test('a tensor of another type is refused', async () => {
  await saveParams(file, phi);
  writeFileSync(file, readFileSync(file).toString('latin1').replace('"F32"', '"I32"'), 'latin1');
  expect(() => loadParams(file)).toThrow("'lstm0/kernel' is of type I32, expected F32 or F16");
});

test('in float16 the file is half as large, each number the nearest one, and what is beyond float16 is refused', async () => {
  await saveParams(file, phi);
  const size = statSync(file).size;
  await saveParams(file, phi, {}, 'F16');
  const { params } = loadParams(file, phi);
  const [ours, theirs] = [params, phi].map((p) => Array.from(ravel(p).dataSync()));
  expect(size - statSync(file).size).toBe(2 * theirs!.length);
  expect(ours).toEqual(theirs!.map((x) => fromHalf(toHalf(x))));
  ours!.forEach((x, i) =>
    expect(Math.abs(x - theirs![i]!)).toBeLessThanOrEqual(2 ** -11 * Math.abs(theirs![i]!)),
  );
  await saveParams(file, params, {}, 'F16');
  expect(ravel(loadParams(file).params).dataSync()).toEqual(ravel(params).dataSync());
  await expect(saveParams(file, { x: tf.tensor1d([1, 7e4]) }, {}, 'F16')).rejects.toThrow(
    "'x' holds 70000: float16 ends at 65504",
  );
  writeFileSync(file, readFileSync(file).subarray(0, -1));
  expect(() => loadParams(file)).toThrow('is truncated');
});

test("Python's safetensors reads the same numbers", async (ctx) => {
  const script = `import sys, safetensors
with safetensors.safe_open(sys.argv[1], "np") as f:
  print(sorted(f.keys()), f.metadata()["seed"], float(f.get_tensor("lstm0/kernel")[1, 2]))`;
  try {
    execFileSync('python3', ['-c', 'import safetensors, numpy'], { stdio: 'ignore' });
  } catch {
    ctx.skip('needs Python with safetensors and numpy');
  }
  await saveParams(file, phi, { seed: 5 });
  const said = execFileSync('python3', ['-c', script, file], { encoding: 'utf8' }).trim();
  const value = get(phi, 'lstm0/kernel').arraySync() as number[][];
  expect(said).toContain("['linear/bias', 'linear/kernel', 'lstm0/bias', 'lstm0/kernel'] 5");
  expect(Number(said.split(' ').at(-1))).toBeCloseTo(value[1]![2]!, 6);
});
