import { kept } from '../../results.js';
import type { Tuning } from '../../tune.js';
import { tuning } from '../baselines.js';
import type { Experiment } from '../experiment.js';
import { jsonJob, type Job } from './job.js';

/** The search for a baseline's rate on an experiment; `where` names it for the reader. */
export function tuningJob(experiment: Experiment, optimizer: string, where: string): Job {
  const { kind, inputs, compute } = tuning(experiment, optimizer);
  return jsonJob(kind, `${optimizer} on ${where}`, inputs, compute);
}

/** The rate that the search found. Throws where there was none. */
export function tunedRate(experiment: Experiment, optimizer: string, where: string): number {
  const { kind, inputs } = tuning(experiment, optimizer);
  const found = kept<Tuning>(kind, inputs);
  if (!found) throw new Error(`${optimizer} is not tuned on ${where}: run the stage before`);
  return found.lr;
}
