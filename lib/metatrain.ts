import * as tf from '@tensorflow/tfjs';
import { metaGrad, unroll } from './engine/index.js';
import { checkCount, evaluate, finalLoss } from './evaluate.js';
import { adam } from './optimizers/adam.js';
import { add, ravel, release, tidy } from './params.js';
import { breathe, type Watch } from './progress.js';
import {
  bestValidation,
  stalledFor,
  summary,
  untrained,
  type Training,
  type Validation,
} from './training.js';
import type { LearnedOptimizer, OptimizeeFamily, Optimizer, Params, State } from './types.js';
import { firstNaN, onward, type Objective, type Position } from './unroll.js';

export interface MetaTrainOptions extends Watch {
  /** Optimizations of one fresh f each, over the whole training. */
  episodes: number;
  /** Ends the training earlier, after so many episodes without a better validation. */
  patience?: number;
  /** Steps of one episode; 100 in §3.1. */
  steps?: number;
  /** From this episode on so many steps instead, in rising order: a curriculum (Chen et al., *Training stronger baselines for learning to optimize*, 2020). */
  horizons?: readonly (readonly [episode: number, steps: number])[];
  /** Steps between updates of φ, through which gradients flow back; 20 in §3.1. */
  unrollLength?: number;
  /**
   * What trains φ after these validations: the second "by gradient descent". Its state is carried over. Where it keeps
   * an average of φ, that one is validated.
   */
  outer?: (validations: readonly Validation[]) => Optimizer;
  /** Share of the coordinates replayed in a meta-gradient, and the losses it lowers (see {@link metaGrad}). */
  share?: number;
  objective?: Objective;
  /** Forgets h_t after every unroll, in training and validation: the slip behind the best-known failed reproductions. */
  resetState?: boolean;
  /** Draws φ_0 and the training functions; two seeds share none. */
  seed?: number;
  /** Validation: after every so many episodes, on so many functions of the validation split. */
  validateEvery?: number;
  validationRuns?: number;
  /** Steps of a validation; `steps` when absent. */
  validationSteps?: number;
  /** Goes on from here; its tensors pass to `metaTrain`. */
  resume?: Training | undefined;
  /** Keeps the state: at least every `saveSeconds`, at the end, and before an error leaves `metaTrain`. */
  save?: ((training: Training) => Promise<void>) | undefined;
  saveSeconds?: number;
}

/**
 * Trains φ by gradient descent on functions drawn from `family` (§2): every episode optimizes one new f for
 * `steps` steps and updates φ after every unroll. The caller disposes the result.
 *
 * @throws where `steps` or a horizon is not a multiple of `unrollLength`; where the training diverges, naming the episode, or is
 *   stopped, with the signal's reason: in both cases the last good state has been saved
 */
export async function metaTrain(
  learned: LearnedOptimizer,
  family: OptimizeeFamily,
  options: MetaTrainOptions,
): Promise<Training> {
  const { episodes, steps = 100, unrollLength = 20, validateEvery = 10, validationRuns = 10 } = options;
  const { outer = () => adam(), share = 1, objective = 'sum', resetState = false, seed = 0 } = options;
  const { horizons = [], validationSteps = steps, patience = Infinity, onProgress, signal } = options;
  const { save = async () => {}, saveSeconds = 60 } = options;
  checkCount({ episodes, steps, unrollLength, validateEvery, validationRuns, validationSteps });
  for (const length of [steps, ...horizons.map(([, length]) => length)]) {
    if (length % unrollLength === 0) continue;
    throw new Error(`steps (${length}) must be a multiple of unrollLength (${unrollLength})`);
  }
  const stepsOf = (episode: number) => horizons.filter(([from]) => from <= episode).at(-1)?.[1] ?? steps;

  /** One unroll and the update of φ that it gives. */
  type Stand = { phi: Params; outer: State; here?: Position };
  const advance = ({ phi, outer: h, here }: Stand, { episode, validations }: Training) =>
    tidy(() => {
      const draw = seed * 1_000_000 + episode;
      const f = family(draw);
      const m = learned.at(phi);
      const from = onward(m, f, here, resetState);
      const segment = unroll(m, f, from, unrollLength);
      const grads = metaGrad(learned, phi, from, segment, {
        share,
        objective,
        seed: draw * stepsOf(episode) + from.t,
      });
      const [updates, next] = outer(validations).update(grads, h);
      const loss = tf.addN(segment.losses.slice(1)).div(segment.count * stepsOf(episode));
      return { phi: add(phi, updates), outer: next, here: segment.end, loss };
    });

  /** Goes through an unroll again, for the step at which its gradient broke. */
  const whereBroken = ({ phi, here }: Stand, { episode }: Training) =>
    tidy(() => {
      const f = family(seed * 1_000_000 + episode);
      const m = learned.at(phi);
      const from = onward(m, f, here, resetState);
      const step = firstNaN(unroll(m, f, from, unrollLength));
      return step < 0 ? '' : `, whose gradient is not a number from step ${from.t + step} on`;
    });

  const runEpisode = async (training: Training) => {
    const { phi, outer, episode } = training;
    let now: Stand = { phi, outer };
    let loss = 0;
    let broken: string | undefined;
    try {
      for (let t = 0; t < stepsOf(episode); t += unrollLength) {
        await breathe(signal);
        const { loss: part, ...next } = advance(now, training);
        const value = await take(part);
        if (!Number.isFinite(value)) broken ??= whereBroken(now, training);
        release(now, [next, phi, outer]);
        now = next;
        loss += value;
      }
      const sum = await take(tidy(() => ravel(now.phi).sum()));
      if (!Number.isFinite(loss + sum)) {
        const where = `at episode ${episode + 1}${broken ?? ''}`;
        throw new Error(`meta-training diverged ${where}: loss is ${loss}; the state before is kept`);
      }
      return { phi: now.phi, outer: now.outer, loss };
    } catch (error) {
      release(now, [phi, outer]);
      throw error;
    } finally {
      release(now.here);
    }
  };

  const validated = async (training: Training): Promise<Training> => {
    const { episode, validations } = training;
    if (episode % validateEvery !== 0 && episode !== episodes) return training;
    const ahead = {
      split: 'validation',
      steps: validationSteps,
      runs: validationRuns,
      unrollLength,
      resetState,
      signal,
    } as const;
    const phi = tidy(() => outer(validations).average?.(training.phi, training.outer) ?? training.phi);
    let isBest = false;
    let loss: number;
    try {
      loss = finalLoss(await evaluate(learned.at(phi), family, ahead));
      isBest = loss < (bestValidation(validations)?.loss ?? Infinity);
    } finally {
      if (!isBest) release(phi, [training.phi]);
    }
    return {
      ...training,
      best: isBest ? phi : training.best,
      validations: [...validations, { episode, loss }],
    };
  };

  let training = options.resume ?? untrained(learned, outer([]), seed);
  let saved = Date.now();
  try {
    const goesOn = () => training.episode < episodes && stalledFor(training.validations) < patience;
    while (goesOn()) {
      const { loss, ...next } = await runEpisode(training);
      const { validations, episode } = training;
      const after: Training = {
        ...next,
        best: validations.length ? training.best : next.phi,
        episode: episode + 1,
        losses: [...training.losses, loss],
        validations,
      };
      const before = training;
      try {
        training = await validated(after);
      } finally {
        release([before, after] as State, training); // where validation fails, before is kept
      }
      // A training that ends early has done all that there was to do.
      const total = goesOn() ? episodes : training.episode;
      onProgress?.({ done: training.episode, total, note: summary(training), loss });
      if (Date.now() - saved >= saveSeconds * 1000 && goesOn()) {
        await save(training);
        saved = Date.now();
      }
    }
  } finally {
    await save(training);
  }
  return training;
}

/** The number in a scalar, which is disposed. */
async function take(scalar: tf.Tensor): Promise<number> {
  const [value] = await scalar.data();
  scalar.dispose();
  return value!;
}
