import type { Split } from '../../types.js';
import { baselines } from '../baselines.js';
import { mnistSettings, type MnistSettings } from '../mnist.js';
import { contenders, curvesJob, tuningJob, type Panel } from './curves.js';
import type { Stage } from './job.js';

/** Wider than for the base network: two layers want other rates. */
const grid = { SGD: [-3, 8], NAG: [-4, 7], RMSprop: [-12, -1], ADAM: [-11, 0] } as const;

/** The base experiment with another network. */
export function network(
  hidden: readonly number[],
  activation: MnistSettings['activation'] = 'sigmoid',
): MnistSettings {
  const base = String(hidden) === String(mnistSettings.hidden) && activation === mnistSettings.activation;
  return base
    ? mnistSettings
    : { ...mnistSettings, hidden, activation, tune: { ...mnistSettings.tune, grid } };
}

/** Fig. 4 (centre, right) for every φ, and where its run ends: the base network for 200 and for 1,000 steps. */
export const figure4Panels = (split: Split): Panel[] =>
  [200, 1000].map((steps) => ({ settings: mnistSettings, steps, split }));

/** Fig. 5: more units, another layer, another activation. */
export const figure5Panels = (split: Split): Panel[] =>
  [network([40]), network([20, 20]), network([20], 'relu')].map((settings) => ({
    settings,
    steps: mnistSettings.steps,
    split,
  }));

/** Hidden units of Fig. 6, for one layer and for two. */
export const widths = [5, 10, 15, 20, 25, 30, 35, 40, 45, 50];

export const figure6Panels = (split: Split): Panel[] =>
  [1, 2].flatMap((layers) =>
    widths.map((width) => ({
      settings: network(Array<number>(layers).fill(width)),
      steps: mnistSettings.steps,
      split,
    })),
  );

/** Every baseline tuned on every network, then everybody's runs. */
const stages =
  (panels: (split: Split) => Panel[]) =>
  (split: Split): Stage[] => [
    () => {
      const networks = new Set(panels(split).map(({ settings }) => settings));
      return [...networks].flatMap((settings) =>
        Object.keys(baselines).map((optimizer) => tuningJob(settings, optimizer)),
      );
    },
    () => panels(split).flatMap((panel) => contenders.map((contender) => curvesJob(panel, contender))),
  ];

export const figure4 = stages(figure4Panels);
export const figure5 = stages(figure5Panels);
export const figure6 = stages(figure6Panels);
