import { release } from '../../params.js';
import type { Optimizer, State } from '../../types.js';
import { baselines } from '../baselines.js';
import type { Experiment } from '../experiment.js';
import { shippedPhi } from '../shipped.js';
import { tunedRate } from './tuned.js';

/** An optimizer to run in a sweep; `dispose` frees its φ. */
export type Contender = { optimizer: Optimizer; dispose(): void };

/** The experiment's learned optimizer with the φ of a meta-seed. */
export function shippedOptimizer(experiment: Experiment, seed: number): Contender {
  const { phi } = shippedPhi(experiment, seed);
  return { optimizer: experiment.learned.at(phi), dispose: () => release(phi as State) };
}

/** A baseline with its rate for the experiment; `where` names it for the reader. Throws where it is not tuned. */
export const tunedBaseline = (experiment: Experiment, name: string, where: string): Contender => ({
  optimizer: baselines[name]!(tunedRate(experiment, name, where)),
  dispose: () => {},
});
