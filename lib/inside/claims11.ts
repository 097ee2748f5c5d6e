import type { Claim } from '../experiments/claims.js';
import { estimate, type Estimate } from '../statistics.js';
import type { Look } from './look.js';

/** An update as a function of the gradient, at rising gradients around zero. */
type Answer = readonly number[];

/**
 * How much of a function's rise and fall lies in the outer half of its gradients, on both sides: 1/2 for a straight line,
 * 0 for a step in the middle, NaN for a constant.
 */
export function outerShare(answer: Answer): number {
  const changes = answer.slice(1).map((x, k) => Math.abs(x - answer[k]!));
  const outer = changes.filter((_, k) => Math.abs((2 * k + 1) / changes.length - 1) > 1 / 2);
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  return sum(outer) / sum(changes);
}

/** Whether a larger gradient gives a larger update, seen from end to end: the opposite of a descent. */
export const rises = (answer: Answer): boolean => answer.at(-1)! > answer[0]!;

/** Of all steps and coordinates of every look, the share whose answers `are` something, given ADAM's beside them. */
const share =
  (are: (lstm: Answer, adam: Answer) => boolean) =>
  (looks: readonly Look[]): Estimate =>
    estimate(
      looks.map(({ proposals }) => {
        const all = proposals.flatMap(({ updates: { LSTM, ADAM } }) =>
          LSTM!.map((lstm, t) => are(lstm, ADAM![t]!)),
        );
        return all.filter(Boolean).length / all.length;
      }),
    );

const stepLike = share((lstm) => outerShare(lstm) < 1 / 4);
const opposite = share((lstm, adam) => rises(lstm) !== rises(adam));

/**
 * What the paper reads off Figs. 11–13: the update as a function of the gradient is often step-like, as ADAM's is, and
 * "surprisingly the step is sometimes in the opposite direction". Written before the first test run.
 */
export const claims11: readonly Claim<readonly Look[]>[] = [
  {
    figure: 'Figs. 11–13',
    text: "the LSTM's answer to a gradient is step-like: share of steps and coordinates",
    paper: 'often',
    tolerance: 'at least .5; the outer half of the gradients has less than a quarter of the change',
    ours: stepLike,
    holds: (looks) => stepLike(looks).mean >= 0.5,
  },
  {
    figure: 'Figs. 11–13',
    text: "the LSTM's step is in the opposite direction to ADAM's: share of steps and coordinates",
    paper: 'sometimes',
    tolerance: 'at least .01',
    ours: opposite,
    holds: (looks) => opposite(looks).mean >= 0.01,
  },
];
