import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { xorGaussians } from '../datasets/xorGaussians.js';
import { smorms3 } from '../optimizers/smorms3.js';
import { leaves, ravel, release, size, valueAndGrad } from '../params.js';
import { directionalError } from '../testing/gradcheck.js';
import type { Training } from '../training.js';
import type { Params, State } from '../types.js';
import { sideBySideStreams } from './batch.js';
import { cellState, plainLosses, thetaSize } from './cellState.js';
import { thetas, watch } from './evaluate.js';
import { metaTrainLearner } from './metatrain.js';
import { learning } from './optimizee.js';
import { pass } from './pass.js';

const learner = cellState({ dim: 3, units: 5, hidden: [8, 7], remember: 2, admit: -1 });
const family = xorGaussians({ dim: 3, steps: 12 });
const streams = [0, 1, 2, 3, 4].map((seed) => family(seed));
const batch = sideBySideStreams(streams);
const phi = learner.init(1);
const numbers = (params: Params) => Array.from(ravel(params).dataSync());

describe('the learner whose cell state is the network', () => {
  test('has one gate of each kind for every coordinate of θ', () => {
    expect(thetaSize(learner.sizes)).toBe(5 * 3 + 5 + 5 + 1);
    expect(size(phi)).toBe(7 * 8 + 9 * 7 + 3 * 26 * 8 + 26 - 7 + 7); // (d+3+1)h1 + (h1+1)h2 + 3P(h2+1) + P, h1 = 8
  });

  test('predicts before it sees the label: ŷ_0 is that of θ_0 alone', () => {
    const flipped = { ...batch, y: batch.y.map((label) => 1 - label) };
    const [one, other] = [pass(learner, phi, batch), pass(learner, phi, flipped)];
    const p = (loss: number, label: number) => (label ? Math.exp(-loss) : 1 - Math.exp(-loss));
    for (let b = 0; b < 5; b++)
      expect(p(one.losses[b]!, batch.y[b]!)).toBeCloseTo(p(other.losses[b]!, 1 - batch.y[b]!), 5);
  });

  test('can start with gates that are shut where no labels are shown, and only there', () => {
    const options = { dim: 3, units: 5, hidden: [8, 7] as const, remember: 4, admit: -1 };
    const moved = (made: typeof learner) => {
      const path = thetas(made, made.init(1), streams[0]!);
      const sizes = path
        .slice(1)
        .map((theta, t) => Math.max(...theta.map((x, i) => Math.abs(x - path[t]![i]!))));
      const { train } = streams[0]!;
      return { train: Math.max(...sizes.slice(0, train)), test: Math.max(...sizes.slice(train)) };
    };
    const [open, shut] = [moved(cellState(options)), moved(cellState({ ...options, shut: 12, keep: 8 }))];
    expect(open.test).toBeGreaterThan(0.01 * open.train);
    expect(shut.test).toBeLessThan(1e-3 * shut.train);
    expect(shut.train).toBeGreaterThan(0.3 * open.train);
  });

  test('does not see labels of the test part', () => {
    const { train, y } = streams[0]!;
    const flipped = { ...streams[0]!, y: y.map((label, t) => (t < train ? label : 1 - label)) };
    expect(thetas(learner, phi, flipped)).toEqual(thetas(learner, phi, streams[0]!));
  });

  test('runs on typed arrays to the numbers of its definition, values and gradient', () => {
    const { losses, backward } = pass(learner, phi, batch);
    const plain = plainLosses(learner, phi, batch);
    plain.dataSync().forEach((loss, i) => expect(losses[i]).toBeCloseTo(loss, 4));
    const weights = losses.map((_, i) => 0.3 + (i % 7) / 10);
    const w = tf.tensor2d(weights, [12, 5]);
    const { grads } = valueAndGrad((p) => plainLosses(learner, p, batch).mul(w).sum(), phi);
    const fast = backward(weights);
    expect(Object.keys(fast)).toEqual(Object.keys(phi));
    for (const name of Object.keys(phi)) {
      const scale = grads[name]!.abs().max().dataSync()[0]!;
      expect(fast[name]!.sub(grads[name]!).abs().max().dataSync()[0]!).toBeLessThan(1e-5 * scale);
    }
  });

  test('gives each stream what it gives it alone', () => {
    const together = watch(learner, phi, streams);
    const alone = watch(learner, phi, streams, 1);
    together.forEach(({ loss, updates }, i) => {
      expect(loss).toBeCloseTo(alone[i]!.loss, 5);
      updates.forEach((update, t) => expect(update).toBeCloseTo(alone[i]!.updates[t]!, 4));
    });
  });

  test('reports the mean over the hidden examples, and the sizes of the updates', () => {
    const [seen] = watch(learner, phi, streams);
    const { train } = streams[0]!;
    const hidden = seen!.losses.slice(train);
    expect(seen!.loss).toBeCloseTo(hidden.reduce((a, b) => a + b) / hidden.length, 6);
    const path = thetas(learner, phi, streams[0]!);
    const moved = path[1]!.reduce((sum, p, i) => sum + (p - path[0]![i]!) ** 2, 0);
    expect(seen!.updates[0]).toBeCloseTo(Math.sqrt(moved), 4);
    expect(path.length).toBe(13);
  });

  test('streams of different lengths cannot stand side by side', () => {
    const short = xorGaussians({ dim: 3, steps: 9 })(0);
    expect(() => sideBySideStreams([streams[0]!, short])).toThrow(
      'streams of one batch must be alike: 12 steps of 3 inputs, got 9 of 3',
    );
  });
});

describe('its meta-training', () => {
  const f = learning(learner, () => family, { batch: 4, seed: 3 });
  const outer = () => smorms3({ lr: 0.01 });
  const validate = (p: Params) => watch(learner, p, streams).reduce((sum, { loss }) => sum + loss, 0);
  const options = { outer, seed: 3, validateEvery: 2, validate };

  test('minimises an optimizee: the gradient is the numerical gradient, fresh streams for every t', () => {
    expect(directionalError((p) => f.loss(p, 1), phi, undefined, 1e-3)).toBeLessThan(2e-2);
    expect(f.loss(phi, 0).dataSync()[0]).toBe(f.loss(phi, 0).dataSync()[0]);
    expect(f.loss(phi, 0).dataSync()[0]).not.toBe(f.loss(phi, 1).dataSync()[0]);
  });

  test('goes on from a saved state to the same bits, and keeps the best on validation', async () => {
    const whole = await metaTrainLearner(learner, f, { ...options, episodes: 6 });
    const half = await metaTrainLearner(learner, f, { ...options, episodes: 3 });
    // At its end a training validates; one that goes on has not ended there.
    const resume: Training = {
      ...half,
      validations: half.validations.filter(({ episode }) => episode !== 3),
    };
    const resumed = await metaTrainLearner(learner, f, { ...options, episodes: 6, resume });
    expect(numbers(resumed.phi)).toEqual(numbers(whole.phi));
    expect(resumed.losses).toEqual(whole.losses);
    expect(whole.validations.map(({ episode }) => episode)).toEqual([2, 4, 6]);
    expect(validate(whole.best)).toBe(Math.min(...whole.validations.map(({ loss }) => loss)));
  });

  test('leaks no tensor', async () => {
    const before = tf.memory().numTensors;
    const { phi: last, outer: state, best } = await metaTrainLearner(learner, f, { ...options, episodes: 3 });
    const kept = leaves({ last, state, best } as State).filter(([, leaf]) => leaf instanceof tf.Tensor);
    expect(tf.memory().numTensors - before).toBe(new Set(kept.map(([, leaf]) => leaf)).size);
    release({ last, state } as State, best);
    release(best as State);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('that diverges says at which episode, and has saved the state before', async () => {
    let saved: Training | undefined;
    const save = async (training: Training) => void (saved = training);
    const bad = { ...f, loss: (p: Params, t: number) => f.loss(p, t).mul(t === 2 ? NaN : 1) as tf.Scalar };
    const run = metaTrainLearner(learner, bad, { ...options, episodes: 5, save });
    await expect(run).rejects.toThrow('meta-training diverged at episode 3');
    expect(saved!.episode).toBe(2);
  });
});
