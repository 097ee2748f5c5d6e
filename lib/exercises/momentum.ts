import { quadratic } from '../optimizees/quadratic.js';
import { get, tidy } from '../params.js';
import type { Optimizer } from '../types.js';
import { start, unroll } from '../unroll.js';
import { close, type Exercise } from './exercise.js';

/** Notebook 01: gradient descent with classical momentum, v ← βv − lr ∇, g = v. */
export const momentum: Exercise<(lr: number, beta: number) => Optimizer> = (make) =>
  tidy(() => {
    const f = quadratic({ dim: 3 })(11);
    const walk = (lr: number, beta: number, steps: number) => {
      const m = make(lr, beta);
      return unroll(m, f, start(m, f), steps);
    };
    const moved = (segment: ReturnType<typeof walk>) =>
      Array.from(get(segment.end.theta, 'theta').sub(get(f.theta0, 'theta')).dataSync());

    const lr = 0.01;
    const first = walk(lr, 0.5, 1);
    const gradient = Array.from(get(first.grads[0]!, 'theta').dataSync());
    if (moved(first).every((x) => x === 0)) return 'θ does not move: what should the first update be?';
    if (
      !close(
        moved(first),
        gradient.map((g) => -lr * g),
      )
    )
      return 'the first step should be one of gradient descent';

    const beta = 0.7;
    const two = walk(lr, beta, 2);
    const [g0, g1] = two.grads.map((g) => Array.from(get(g, 'theta').dataSync())) as [number[], number[]];
    const expected = g0.map((g, i) => -lr * g + (-lr * beta * g - lr * g1[i]!));
    if (!close(moved(two), expected)) {
      return 'the first step is right, the second is not: how much of the last update should live on?';
    }
    return null;
  });
