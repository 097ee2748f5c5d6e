/**
 * An exercise's check: what is wrong with the answer, as a hint that does not give it away, or null where it is right.
 * It may throw; the learner then reads what was thrown.
 */
export type Exercise<Answer> = (answer: Answer) => string | null;

/** Whether all pairs differ by less than `tolerance`, and there are as many on both sides. */
export function close(got: readonly number[], expected: readonly number[], tolerance = 1e-5): boolean {
  return got.length === expected.length && got.every((x, i) => Math.abs(x - expected[i]!) <= tolerance);
}
