import { close, type Exercise } from './exercise.js';

/** Notebook 08: one coordinate of θ after an example, from what the gates' output layer says for it. */
export const cell: Exercise<(theta: number, input: number, forget: number, candidate: number) => number> = (
  answer,
) => {
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  const cases: [theta: number, input: number, forget: number, candidate: number, hint: string][] = [
    [0.7, -30, 30, 2, 'with the input gate shut and the forget gate open θ should stay as it is'],
    [0.7, -30, -30, 2, 'with both gates shut θ should be forgotten'],
    [
      0.7,
      30,
      -30,
      0.5,
      'with the input gate open and the forget gate shut θ should become the squashed candidate',
    ],
    [0.7, 30, 30, 0.5, 'the two gates are independent: both may be open'],
    [-1.2, 0.3, 1.1, -0.4, 'half-open gates let a share through'],
  ];
  for (const [theta, input, forget, candidate, hint] of cases) {
    const expected = sigmoid(forget) * theta + sigmoid(input) * Math.tanh(candidate);
    if (!close([answer(theta, input, forget, candidate)], [expected])) return hint;
  }
  return null;
};
