// Everything public of what looks inside an optimizer (Figs. 10–13).
export { claims10, roughness, sizeRatio } from './claims10.js';
export { claims11, outerShare, rises } from './claims11.js';
export { fitted } from './fitted.js';
export * from './look.js';
export * from './memory.js';
export * from './nearestRule.js';
export * from './proposedUpdates.js';
export { replay, type Moment, type SeenGradients } from './replay.js';
export { heavyBall, ruleFamilies, signDescent, type Decays, type RuleFamily } from './rules.js';
export { trajectory, type Coordinate, type Trajectory, type TrajectoryOptions } from './trajectory.js';
export * from './updateHistory.js';
