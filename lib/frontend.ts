import * as tf from '@tensorflow/tfjs';
import type { Bundle } from './figures/display.js';

/** What our notebook kernel offers to libraries, under `globalThis[Symbol.for('Jupyter.frontend')]`. */
export interface FrontEnd {
  /** Shows an output that can be changed later. */
  display(data: Bundle, metadata?: object): { update(data: Bundle, metadata?: object): void };
  /** Aborted when the user stops the running cell; who asks for it gets time to stop by itself. */
  readonly signal: AbortSignal;
  /** `repair` is called after a cell was stopped by force, which runs no `finally` block. */
  onForcedStop(repair: () => void): void;
  /** `format` says how a cell's last value is shown, or undefined where it does not know. */
  addFormatter(format: (value: unknown) => Bundle | Promise<Bundle> | undefined): void;
}

/** The front end of the notebook that runs this; undefined in a terminal and on the stock tslab kernel. */
export const frontEnd = (): FrontEnd | undefined =>
  (globalThis as { [key: symbol]: FrontEnd | undefined })[Symbol.for('Jupyter.frontend')];

/** TensorFlow.js stopped inside a tidy, a kernel or a gradient believes to be there still, and finds no gradients any more. */
export function leaveTensorFlow(): void {
  const engine = tf.engine();
  while (engine.state.activeScope) engine.endScope();
  Object.assign(engine.state, { kernelDepth: 0, gradientDepth: 0, activeTape: null });
}

frontEnd()?.onForcedStop(leaveTensorFlow);
