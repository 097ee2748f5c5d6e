import { checkCount } from '../evaluate.js';
import { add, ravel, release, tidy, valueAndGrad } from '../params.js';
import { breathe, type Watch } from '../progress.js';
import { bestValidation, summary, untrained, type Training } from '../training.js';
import type { Optimizee, Optimizer, Params } from '../types.js';
import type { Learner } from './cellState.js';

export interface MetaTrainLearnerOptions extends Watch {
  /** Updates of φ, one batch of fresh streams each. */
  episodes: number;
  /** What trains φ in a given episode; its state is carried over. */
  outer: (episode: number) => Optimizer;
  seed?: number;
  validateEvery?: number;
  /** The loss that selects φ. */
  validate: (phi: Params) => number;
  /** Goes on from here; its tensors pass to the training. */
  resume?: Training | undefined;
  /** Keeps the state: at least every `saveSeconds`, at the end, and before an error leaves. */
  save?: ((training: Training) => Promise<void>) | undefined;
  saveSeconds?: number;
}

/**
 * Trains a learner's φ by gradient descent on {@link Optimizee} `f`: `metaTrain` for learners, which see examples and are
 * trained through the whole stream. The caller disposes the result.
 *
 * @throws where the training diverges, naming the episode, or is stopped, with the signal's reason: in both cases the last
 *   good state has been saved
 */
export async function metaTrainLearner(
  learner: Learner,
  f: Optimizee,
  options: MetaTrainLearnerOptions,
): Promise<Training> {
  const { episodes, outer, seed = 0, validateEvery = 50, validate, onProgress, signal } = options;
  const { save = async () => {}, saveSeconds = 60 } = options;
  checkCount({ episodes, validateEvery });

  const advance = ({ phi, outer: state, episode }: Training) =>
    tidy(() => {
      const { value, grads } = valueAndGrad((x) => f.loss(x, episode), phi);
      const [updates, next] = outer(episode).update(grads, state);
      const after = add(phi, updates);
      const loss = value.dataSync()[0]!;
      if (!Number.isFinite(loss + ravel(after).sum().dataSync()[0]!)) {
        throw new Error(
          `meta-training diverged at episode ${episode + 1}: loss is ${loss}; the state before is kept`,
        );
      }
      return { phi: after, outer: next, loss };
    });

  const validated = (training: Training): Training => {
    const { phi, episode, validations } = training;
    if (episode % validateEvery !== 0 && episode !== episodes) return training;
    const loss = validate(phi);
    const isBest = loss < (bestValidation(validations)?.loss ?? Infinity);
    return {
      ...training,
      best: isBest ? phi : training.best,
      validations: [...validations, { episode, loss }],
    };
  };

  let training = options.resume ?? untrained(learner, outer(0), seed);
  let saved = Date.now();
  try {
    while (training.episode < episodes) {
      await breathe(signal);
      const before = training;
      const { loss, ...next } = advance(before);
      const best = before.validations.length ? before.best : next.phi;
      const { episode, losses, validations } = before;
      training = validated({ ...next, best, episode: episode + 1, losses: [...losses, loss], validations });
      release(before, training);
      onProgress?.({ done: training.episode, total: episodes, note: summary(training) });
      if (Date.now() - saved >= saveSeconds * 1000 && training.episode < episodes) {
        await save(training);
        saved = Date.now();
      }
    }
  } finally {
    await save(training);
  }
  return training;
}
