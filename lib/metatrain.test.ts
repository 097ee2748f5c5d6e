import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, expect, test } from 'vitest';
import { averaging } from './averaging.js';
import { finalLoss, evaluate } from './evaluate.js';
import { metaTrain, type MetaTrainOptions } from './metatrain.js';
import { quadratic } from './optimizees/index.js';
import { adam, lstm } from './optimizers/index.js';
import { get, ravel, release, tidy } from './params.js';
import { fallingRate, loadTraining, saveTraining, type Training } from './training.js';
import type { OptimizeeFamily, Optimizer, Params, State } from './types.js';

const folder = mkdtempSync(join(tmpdir(), 'l2l-'));
afterAll(() => rmSync(folder, { recursive: true }));

const learned = lstm({ hidden: [4] });
const family = quadratic({ dim: 3, batch: 8 });
const outer = () => adam({ lr: 0.01 });
const small = { steps: 20, unrollLength: 5, validateEvery: 3, validationRuns: 2, outer };
const train = (options: Partial<MetaTrainOptions> = {}) =>
  metaTrain(learned, family, { ...small, episodes: 7, ...options });
const numbers = ({ phi, best, losses, validations }: Training) => ({
  phi: Array.from(ravel(phi).dataSync()),
  best: Array.from(ravel(best).dataSync()),
  losses,
  validations,
});

test('training lowers the loss on functions it has not seen', async () => {
  const { best } = await train({ episodes: 40 });
  const loss = async (phi: typeof best) =>
    finalLoss(await evaluate(learned.at(phi), family, { split: 'test', steps: 20, runs: 5 }));
  expect(await loss(best)).toBeLessThan(0.6 * (await loss(learned.init(0))));
});

test('the best φ is the one with the lowest validation, which can be measured again', async () => {
  const { best, validations } = await train({ outer: () => adam({ lr: 0.2 }), episodes: 12 });
  const again = finalLoss(
    await evaluate(learned.at(best), family, { split: 'validation', steps: 20, runs: 2 }),
  );
  expect(validations.map(({ episode }) => episode)).toEqual([3, 6, 9, 12]);
  expect(again).toBe(Math.min(...validations.map(({ loss }) => loss)));
  expect(validations.at(-1)!.loss).not.toBe(again); // a rate of 0.2 does not end at its best
});

test('where the outer optimizer keeps an average of φ, that one is validated and best, saved and resumed', async () => {
  const options = { outer: () => averaging(adam({ lr: 0.2 }), 0.8), episodes: 12 };
  const whole = await train(options);
  const plain = await train({ ...options, outer: () => adam({ lr: 0.2 }) });
  expect(whole.losses).toEqual(plain.losses); // the steps are the same
  expect(whole.validations).not.toEqual(plain.validations);
  const again = await evaluate(learned.at(whole.best), family, { split: 'validation', steps: 20, runs: 2 });
  expect(finalLoss(again)).toBe(Math.min(...whole.validations.map(({ loss }) => loss)));
  const file = join(folder, 'average.safetensors');
  await train({ ...options, episodes: 5, save: (now) => saveTraining(file, now) });
  const resumed = await train({ ...options, resume: loadTraining(file, learned, options.outer()).training });
  expect(resumed.losses).toEqual(whole.losses);
  expect(Array.from(ravel(resumed.best).dataSync())).toEqual(Array.from(ravel(whole.best).dataSync()));
});

test('a training resumed from any saved state ends at the same bits', async () => {
  const files: string[] = [];
  const save = async (training: Training) => {
    files.push(join(folder, `${training.episode}.safetensors`));
    await saveTraining(files.at(-1)!, training, { note: 'x' });
  };
  const whole = numbers(await train({ save, saveSeconds: 0 }));
  expect(files.length).toBe(7);
  for (const file of files) {
    const { training, metadata } = loadTraining(file, learned, outer());
    expect(metadata).toEqual({ note: 'x' });
    expect(numbers(await train({ resume: training }))).toEqual(whole);
  }
});

test('a training killed with SIGKILL again and again ends at the same bits', async () => {
  const child = (file: string) =>
    spawn(process.execPath, [join(__dirname, 'testing', 'train-child.cjs'), file, '12'], { stdio: 'ignore' });
  const ended = (process: ReturnType<typeof child>) => new Promise((resolve) => process.on('exit', resolve));
  const [straight, killed] = [join(folder, 'straight'), join(folder, 'killed')];
  await ended(child(straight));
  let kills = 0;
  for (const wait of [0, 15, 40, 70]) {
    const victim = child(killed);
    const before = existsSync(killed) ? readFileSync(killed) : undefined;
    // Killed some time after its first new state.
    const deadline = Date.now() + 20_000;
    while (victim.exitCode === null && Date.now() < deadline) {
      if (existsSync(killed) && !before?.equals(readFileSync(killed))) break;
      await new Promise((next) => setTimeout(next, 5));
    }
    await new Promise((next) => setTimeout(next, wait));
    if (victim.kill('SIGKILL')) kills++;
    if (victim.exitCode === null) await ended(victim);
  }
  expect(kills).toBeGreaterThanOrEqual(2);
  await ended(child(killed));
  const load = (file: string) => numbers(loadTraining(file, learned, outer()).training);
  expect(load(killed)).toEqual(load(straight));
});

test('a training ends where validation has stalled for `patience` episodes, also when it is resumed', async () => {
  const options = { outer: () => adam({ lr: 0 }), episodes: 30, patience: 6 };
  const ended = await train(options);
  expect(ended.episode).toBe(9); // the first validation, after 3, stays the best
  expect((await train({ ...options, resume: ended })).episode).toBe(9);
});

test('the rate is halved after every so many episodes without a better validation', () => {
  const losses = [5, 4, 4.5, 4.4, 4.3, 3, 3, 3, 3, 3];
  const validations = losses.map((loss, i) => ({ episode: 10 * (i + 1), loss }));
  const rates = validations.map((_, i) => fallingRate(1, 20, validations.slice(0, i + 1)));
  expect(rates).toEqual([1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.125]);
});

test('before the rate is full it rises in equal steps, one a validation', () => {
  const validations = [5, 4, 3, 2].map((loss, i) => ({ episode: 10 * (i + 1), loss }));
  const rates = [0, 1, 2, 3, 4].map((n) => fallingRate(0.3, 20, validations.slice(0, n), 2));
  expect(rates).toEqual([0.3 / 3, (0.3 * 2) / 3, 0.3, 0.3, 0.3]);
});

test('a state that is reset at every unroll makes a memoryless optimizer of unrolls of 1', async () => {
  const phi = learned.init(2);
  const options = { split: 'validation', steps: 6, runs: 1, unrollLength: 1 } as const;
  const forgetful = learned.at(phi);
  const memoryless = {
    ...forgetful,
    update: (grads: Params) => [forgetful.update(grads, forgetful.init(grads))[0], null],
    init: () => null,
  } as unknown as Optimizer;
  const reset = await evaluate(learned.at(phi), family, { ...options, resetState: true });
  const expected = await evaluate(memoryless, family, options);
  reset[0]!.forEach((loss, t) => expect(loss).toBeCloseTo(expected[0]![t]!, 4));
  expect(reset).not.toEqual(await evaluate(learned.at(phi), family, options));
});

test('a curriculum lengthens the episodes, is validated at a length of its own, and resumes to the same bits', async () => {
  const seen: number[] = []; // the last t of every training function, in the order of the episodes
  const watched: OptimizeeFamily = (seed, split) => {
    const f = family(seed, split);
    const loss = (theta: Params, t: number) => {
      if (split !== 'validation') seen[seed] = t;
      return f.loss(theta, t);
    };
    return { ...f, loss };
  };
  const options = { horizons: [[2, 10], [4, 40]], validationSteps: 15 } as const; // prettier-ignore
  const run = (more: Partial<MetaTrainOptions> = {}) =>
    metaTrain(learned, watched, { ...small, ...options, episodes: 6, ...more });
  const whole = await run();
  expect(seen).toEqual([20, 20, 10, 10, 40, 40]);
  const again = await evaluate(learned.at(whole.phi), watched, { split: 'validation', steps: 15, runs: 2 });
  expect(whole.validations.at(-1)).toEqual({ episode: 6, loss: finalLoss(again) });
  const half = await run({ episodes: 3 });
  expect(numbers(await run({ resume: half }))).toEqual(numbers(whole));
});

test('a curriculum that is none changes nothing', async () => {
  expect(numbers(await train({ horizons: [[3, 20]] }))).toEqual(numbers(await train()));
});

test('steps that are no multiple of the unroll are refused', async () => {
  await expect(train({ horizons: [[1, 20], [2, 33]] })).rejects.toThrow('steps (33) must be a multiple of unrollLength (5)'); // prettier-ignore
  await expect(train({ steps: 100, unrollLength: 30 })).rejects.toThrow(
    'steps (100) must be a multiple of unrollLength (30)',
  );
});

test('a training that diverges names the episode and keeps the state before it', async () => {
  const broken: OptimizeeFamily = (seed, split) => {
    const f = family(seed, split);
    return seed === 2 ? { ...f, loss: (theta, t) => f.loss(theta, t).mul(t > 3 ? NaN : 1) } : f;
  };
  const saved: Training[] = [];
  const save = async (training: Training) => void saved.push(training);
  const work = metaTrain(learned, broken, { ...small, episodes: 5, save });
  await expect(work).rejects.toThrow(
    'meta-training diverged at episode 3, whose gradient is not a number from step 4 on: loss is NaN; the state before is kept',
  );
  expect(saved.map(({ episode }) => episode)).toEqual([2]);
  expect(numbers(saved[0]!).phi.every(Number.isFinite)).toBe(true);
});

test('a stop saves the last whole episode and rejects with its reason', async () => {
  const stop = new AbortController();
  const saved: number[] = [];
  const work = train({
    signal: stop.signal,
    onProgress: ({ done }) => done === 4 && stop.abort(new Error('stopped by the reader')),
    save: async ({ episode }) => void saved.push(episode),
  });
  await expect(work).rejects.toThrow('stopped by the reader');
  expect(saved).toEqual([4]);
});

test('other work goes on meanwhile, and every episode is reported', async () => {
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  const done: number[] = [];
  await train({ onProgress: (now) => done.push(now.done) });
  clearInterval(timer);
  expect(ticks).toBeGreaterThan(3);
  expect(done).toEqual([1, 2, 3, 4, 5, 6, 7]);
});

test('no tensor outlives a training but its result', async () => {
  const count = () => tf.memory().numTensors;
  const before = count();
  const outerAverage = () => averaging(adam({ lr: 0.2 }), 0.8);
  for (const options of [{ outer }, { outer: outerAverage }]) {
    const { phi, outer, best } = await train({ ...options, episodes: 12 });
    release({ phi, outer, best } as State);
    expect(count()).toBe(before);
  }
  const stop = new AbortController();
  const stopping: OptimizeeFamily = (seed, split) => {
    if (split === 'validation') stop.abort(new Error('stopped while validating'));
    return family(seed, split);
  };
  const last: Training[] = [];
  const options = { ...small, outer: outerAverage, episodes: 12, signal: stop.signal };
  await expect(
    metaTrain(learned, stopping, { ...options, save: async (t) => void last.push(t) }),
  ).rejects.toThrow('stopped while validating');
  expect(last.map(({ episode }) => episode)).toEqual([2]);
  release({ phi: last[0]!.phi, outer: last[0]!.outer, best: last[0]!.best } as State);
  expect(count()).toBe(before);
  const broken: OptimizeeFamily = (seed) => ({
    ...family(seed),
    loss: (p) => get(p, 'theta').mul(NaN).sum(),
  });
  const kept: Training[] = [];
  await expect(
    metaTrain(learned, broken, { ...small, episodes: 2, save: async (t) => void kept.push(t) }),
  ).rejects.toThrow();
  release({ phi: kept[0]!.phi, outer: kept[0]!.outer } as State);
  expect(count()).toBe(before);
  expect(tidy(() => 1)).toBe(1);
});
