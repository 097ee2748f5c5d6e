import { close, type Exercise } from './exercise.js';

type Normalised = (x: readonly number[], offset: number, epsilon: number) => number[];

/** Notebook 05: batch normalisation of one channel, with an offset and no scale. */
export const normalised: Exercise<Normalised> = (answer) => {
  if (close(answer([1, 3], 0, 0), [1, 3])) return 'what comes out should have mean 0 and variance 1';
  if (!close(answer([1, 3], 0, 0), [-1, 1]))
    return 'with two numbers, 1 and 3, the mean is 2 and the mean squared distance from it is 1';
  if (
    !close(
      answer([-2, 0, 2, 4], 0, 0),
      [-3, -1, 1, 3].map((x) => x / Math.sqrt(5)),
    )
  )
    // prettier-ignore
    return 'the variance is the mean over all examples of the batch, not over one less';
  if (!close(answer([1, 3], 5, 0), [4, 6])) return 'the offset is added behind the normalisation';
  if (!close(answer([0, 2], 0, 3), [-0.5, 0.5])) return 'ε is added to the variance, under the root';
  if (!close(answer([7, 7, 7], 0.25, 1e-3), [0.25, 0.25, 0.25]))
    return 'a channel that is the same everywhere should give the offset';
  return null;
};
