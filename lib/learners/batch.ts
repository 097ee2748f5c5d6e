import type { Stream } from '../datasets/xorGaussians.js';

/** Streams of equal length side by side, step after step. */
export interface Batch {
  readonly steps: number;
  readonly batch: number;
  /** [steps, batch, dim] */
  readonly x: Float32Array;
  /** [steps, batch] */
  readonly y: Float32Array;
  /** m: 1 where the label is shown, 0 where it is hidden; [steps, batch]. */
  readonly shown: Float32Array;
}

/** Throws where the streams are not of one length and one number of inputs, or there is none. */
export function sideBySideStreams(streams: readonly Stream[]): Batch {
  const [first] = streams;
  if (!first) throw new Error('a batch needs at least one stream');
  const [steps, batch, dim] = [first.y.length, streams.length, first.dim];
  const x = new Float32Array(steps * batch * dim);
  const y = new Float32Array(steps * batch);
  const shown = new Float32Array(steps * batch);
  streams.forEach((stream, b) => {
    if (stream.y.length !== steps || stream.dim !== dim) {
      throw new Error(
        `streams of one batch must be alike: ${steps} steps of ${dim} inputs, got ${stream.y.length} of ${stream.dim}`,
      );
    }
    for (let t = 0; t < steps; t++) {
      x.set(stream.x.subarray(t * dim, (t + 1) * dim), (t * batch + b) * dim);
      y[t * batch + b] = stream.y[t]!;
      shown[t * batch + b] = t < stream.train ? 1 : 0;
    }
  });
  return { steps, batch, x, y, shown };
}
