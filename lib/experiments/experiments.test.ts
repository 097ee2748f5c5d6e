import { existsSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { size } from '../params.js';
import { hashOf, remembered, resultPath } from '../results.js';
import type { LearnedOptimizer } from '../types.js';
import { lossAt, lossSum, verdicts, type Claim } from './claims.js';
import { experiment, experiments } from './index.js';
import { provenance } from './provenance.js';
import { shippedHash, shippedPath, shippedPhi } from './shipped.js';
import { trainingHash } from './train.js';

describe('claims', () => {
  const claim: Claim<number> = {
    figure: 'Fig. 1',
    text: 'x is small',
    paper: 1,
    tolerance: 'at most 2',
    ours: (x) => ({ mean: x, se: 0 }),
    holds: (x) => x <= 2,
  };
  const fast = process.env.L2L_FAST;
  beforeEach(() => void delete process.env.L2L_FAST);
  afterEach(() => void (fast && (process.env.L2L_FAST = fast)));

  test('are held against a result', () => {
    expect(verdicts([claim], 1)[0]).toMatchObject({ verdict: 'holds', ours: { mean: 1 } });
    expect(verdicts([claim], 3)[0]).toMatchObject({ verdict: 'does not hold', ours: { mean: 3 } });
  });

  test('are not decided by a short run', () => {
    process.env.L2L_FAST = '1';
    expect(verdicts([claim], 1)[0]).toMatchObject({ verdict: 'not evaluated', ours: null });
  });

  test('read means and standard errors off the curves', () => {
    const losses = [[1, 2, 3], [3, 4, 7]]; // prettier-ignore
    expect(lossAt(losses, 2)).toEqual({ mean: 5, se: 2 });
    expect(lossSum(losses, 0, 1)).toEqual({ mean: 5, se: 2 });
  });

  const curves = (value: (name: string, t: number) => number) => {
    const names = [
      'LSTM',
      'ADAM',
      'RMSprop',
      'SGD',
      'NAG',
      'SGD, lr .0158',
      'NAG, lr .0158',
      'SGD, lr 3',
      'NAG, lr 1',
    ];
    const run = (name: string) => Array.from({ length: 201 }, (_, t) => value(name, t));
    return Object.fromEntries(names.map((name) => [name, [run(name), run(name)]]));
  };
  const holding = (name: string, result: ReturnType<typeof curves>) =>
    verdicts(experiments[name]!.claims, result).filter(({ verdict }) => verdict === 'holds').map(({ text }) => text); // prettier-ignore

  test('of quadratics: the LSTM must be lowest from step 15 on, and at most .060 at the end', () => {
    const good = curves((name, t) => (name === 'LSTM' ? (t < 15 ? 9 : 0.05) : 1));
    expect(holding('quadratics', good)).toEqual([
      'LSTM, loss at step 100',
      'LSTM below every tuned baseline from step 15 to 100',
    ]);
    const late = curves((name, t) => (name === 'LSTM' ? (t < 16 ? 9 : 0.07) : 1));
    expect(holding('quadratics', late)).toEqual([]);
  });

  test('of MNIST: the sum over steps 0 to 99, and every rival at 100 and 200', () => {
    const good = curves((name, t) => (name === 'LSTM' ? (t < 100 ? 0.69 : 0.2) : 0.3));
    expect(holding('mnist', good).filter((text) => text.startsWith('LSTM')).length).toBe(3);
    const beaten = curves((name, t) => (name === 'LSTM' ? 0.71 : name === 'NAG' && t === 200 ? 0.1 : 0.9));
    expect(holding('mnist', beaten).filter((text) => text.startsWith('LSTM'))).toEqual([
      'LSTM below every tuned baseline at step 100',
    ]);
  });
});

describe('results', () => {
  const inputs = { experiment: 'of-a-test', b: [1, 2], a: { y: 1, x: 2 } };
  const path = resultPath('x', inputs);
  const fast = process.env.L2L_FAST;
  afterEach(() => {
    rmSync(path, { force: true });
    if (fast) process.env.L2L_FAST = fast;
  });

  test('are named by their inputs, in whatever order they are written', () => {
    expect(resultPath('x', { a: { x: 2, y: 1 }, b: [1, 2], experiment: 'of-a-test' })).toBe(path);
    expect(hashOf({ a: [1, 2] })).not.toBe(hashOf({ a: [2, 1] }));
  });

  test('are computed once, and again when asked', async () => {
    delete process.env.L2L_FAST;
    let runs = 0;
    const compute = async () => ++runs;
    expect([await remembered('x', inputs, compute), await remembered('x', inputs, compute)]).toEqual([1, 1]);
    expect(await remembered('x', inputs, compute, { again: true })).toBe(2);
  });

  test('of a short run are not kept', async () => {
    process.env.L2L_FAST = '1';
    await remembered('x', inputs, async () => 1);
    expect(existsSync(path)).toBe(false);
  });
});

describe.each(Object.entries(experiments))('experiment %s', (name, { learned, settings }) => {
  test('says of its optimizer what it is', () => {
    const { hidden, preprocess, scale, p } = settings.learned as { [setting: string]: unknown };
    const networks = learned.at.parts ? Object.values(learned.at.parts.of) : [learned];
    for (const network of networks)
      expect((network as LearnedOptimizer).spec).toEqual({
        cell: 'lstm',
        hidden,
        scale,
        preprocess: p ? { kind: preprocess, p } : { kind: preprocess },
      });
    expect(size(learned.init(0))).toBe(networks.length * (preprocess === 'raw' ? 5061 : 5141));
  });

  test('ships a φ that fits, made from these settings by the train command', (ctx) => {
    if (!existsSync(shippedPath(name))) ctx.skip(`no φ yet: npm run train -- ${name}`);
    const { metadata } = shippedPhi(experiments[name]!);
    expect(trainingHash(metadata.settings as object)).toBe(trainingHash(settings));
    expect(metadata).toMatchObject({ experiment: name, command: `npm run train -- ${name}` });
    expect(metadata.data).toBe(experiments[name]!.dataHash());
  });
});

test('an unknown experiment lists the known ones', () => {
  expect(() => experiment('minst')).toThrow(
    "unknown experiment 'minst'; there are: quadratics, mnist, cifar, cifar-5, cifar-2, cifar-single, cifar-curriculum, art, bosc",
  );
});

test('a φ that is not there says which command trains it', () => {
  const learned = experiment('mnist').learned;
  expect(() => shippedPhi({ name: 'none', learned }, 3)).toThrow(/no trained φ at .*none-seed-3.safetensors: run npm run train -- none --seed 3$/); // prettier-ignore
});

test('what made a page names the φ by seed, and by experiment where there are several', () => {
  const [mnist, quadratics] = [experiment('mnist'), experiment('quadratics')];
  const phis = (options: Pick<Parameters<typeof provenance>[0], 'experiment' | 'metaSeeds'>) =>
    (provenance({ seed: 1, ...options }).values as string[][]).filter(([what]) => what!.startsWith('φ'));
  expect(phis({ experiment: mnist })).toEqual([['φ, sha256', shippedHash(mnist)]]);
  expect(phis({ experiment: mnist, metaSeeds: [1, 2] }).map(([what]) => what)).toEqual(['φ of seed 1, sha256', 'φ of seed 2, sha256']); // prettier-ignore
  expect(phis({ experiment: [mnist, quadratics] }).map(([what]) => what)).toEqual(['φ of mnist, sha256', 'φ of quadratics, sha256']); // prettier-ignore
  expect(phis({ experiment: [mnist, quadratics], metaSeeds: [1, 2] })[1]).toEqual(['φ of mnist, seed 2, sha256', shippedHash(mnist, 2)]); // prettier-ignore
});
