import * as exercises from './index.js';
import type { Exercise } from './exercise.js';
import { displayBundle } from '../figures/display.js';

type Exercises = typeof exercises;
type Answer<E> = E extends Exercise<infer A> ? A : never;

/**
 * Says whether an answer to an exercise is right, and if not, what to think about.
 *
 * @throws where there is no exercise of this name, listing the known ones
 */
export function check<Name extends keyof Exercises>(name: Name, answer: Answer<Exercises[Name]>): void {
  const exercise = exercises[name] as Exercise<unknown> | undefined;
  if (!exercise)
    throw new Error(`unknown exercise '${name}'; there are: ${Object.keys(exercises).join(', ')}`);
  const hint = hintOf(exercise, answer);
  displayBundle({
    'application/vnd.learning-to-learn.check+json': { exercise: name, accepted: hint === null },
    'text/plain': hint === null ? `${name}: right` : `${name}: not yet. ${hint}`,
  });
}

function hintOf<A>(exercise: Exercise<A>, answer: A): string | null {
  try {
    return exercise(answer);
  } catch (error) {
    return `your code threw: ${error instanceof Error ? error.message : String(error)}`;
  }
}
