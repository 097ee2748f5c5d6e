/** Everything public. */
export { loadParams, saveParams, writeWhole, type Metadata } from './checkpoint.js';
export * from './averaging.js';
export * from './clip.js';
export * from './coordinatewise.js';
export * from './datasets/cifar10.js';
export type { Pixels } from './datasets/areaAverage.js';
export * from './datasets/manifest.js';
export { readPicture, toImage, type Picture } from './datasets/picture.js';
export * from './datasets/pictures.js';
export * from './datasets/xorGaussians.js';
export * from './engine/backend.js';
export * from './engine/index.js';
export { batchNorm } from './engine/tfjs/batchnorm.js';
export { limitThreads } from './engine/limits.js';
export * from './evaluate.js';
export { boscResult, difference, paper as boscPaper, type BoscResult } from './experiments/bosc.js';
export * from './experiments/calibration.js';
export { paper as mnistPaper, mnistSettings, mnistWith, type MnistSettings } from './experiments/mnist.js';
export { averaged, bands, finalBands } from './experiments/generalisationLines.js';
export {
  generalisation,
  generalisationClaims,
  panels,
  paper as generalisationPaper,
  type Generalisation,
} from './experiments/generalisation.js';
export { paper as quadraticsPaper } from './experiments/quadratics.js';
export * from './experiments/figure7.js';
export { figure7Learned } from './experiments/figure7Learned.js';
export { figure7Lines } from './experiments/figure7Lines.js';
export { cifarSettings, cifarWith, type CifarExperiment, type CifarSettings } from './experiments/cifar.js';
export * from './experiments/art.js';
export * from './experiments/figure8.js';
export * from './experiments/figure8Lines.js';
export { artSearch, artSeeds } from './experiments/sweeps/art.js';
export * from './experiments/index.js';
export * from './experiments/baselines.js';
export * from './experiments/claims.js';
export * from './experiments/experiment.js';
export * from './experiments/shipped.js';
export * from './experiments/streams.js';
export * from './experiments/sweeps/index.js';
export { ablationClaims, ablationSeeds, ablations, keptAblations } from './experiments/sweeps/ablations.js';
export { agreement, runAgain, type KeptRun, type Rerun } from './experiments/sweeps/again.js';
export { contenders, keptRuns, runsOf, type Panel, type Runs } from './experiments/sweeps/curves.js';
export { figure6Panels, network, widths } from './experiments/sweeps/figures.js';
export { metaSeeds } from './experiments/sweeps/seeds.js';
export {
  coursePath,
  trainedPhi,
  trainExperiment,
  train,
  validationCurve,
  type Course,
  type TrainOptions,
} from './experiments/train.js';
export * from './exercises/check.js';
export * from './experiments/provenance.js';
export * from './features/index.js';
export * from './features/make.js';
export * from './features/network.js';
export { hasVgg19 } from './features/vgg19.js';
export { smallVggSettings, type SmallVggSettings } from './features/settings.js';
export * from './figures/animation.js';
export { answerCurves, type AnswersOptions } from './figures/answers.js';
export * from './figures/curves.js';
export * from './figures/display.js';
export * from './figures/dots.js';
export * from './figures/export.js';
export * from './figures/heatmaps.js';
export * from './figures/live.js';
export {
  isPictureGrid,
  pictureGrid,
  picturePng,
  type Exhibit,
  type PictureGrid,
  type PictureGridOptions,
  type Rows,
} from './figures/pictures.js';
export * from './figures/progress.js';
export { proposalGrid, type ProposalsOptions } from './figures/proposals.js';
export * from './figures/show.js';
export * from './figures/sideBySide.js';
export * from './figures/static.js';
export { table, tableHtml, tableText, type Frame } from './figures/table.js';
export { updateCurves, type UpdatesOptions } from './figures/updates.js';
export * from './figures/verdicts.js';
export * from './figures/withData.js';
export * from './inside/index.js';
export * from './learners/index.js';
export * from './metatrain.js';
export * from './optimizees/index.js';
export * from './optimizers/index.js';
export * from './paint.js';
export * from './params.js';
export { partition } from './partition.js';
export * from './preprocess.js';
export * from './frontend.js';
export * from './madeby.js';
export * from './progress.js';
export * from './random.js';
export * from './results.js';
export * from './rivals/compared.js';
export * from './rivals/index.js';
export * from './scaling.js';
export * from './statistics.js';
export * from './training.js';
export * from './tune.js';
export * from './types.js';
export {
  gradientsAhead,
  start,
  type MetaGradOptions,
  type Objective,
  type Position,
  type Segment,
} from './unroll.js';
