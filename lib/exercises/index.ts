// The registry: one check per notebook. To add an exercise, add its file and a line.
export { ahead } from './ahead.js';
export { cell } from './cell.js';
export { gram } from './gram.js';
export { momentum } from './momentum.js';
export { normalised } from './normalised.js';
export { preprocessing } from './preprocessing.js';
export { response } from './response.js';
export { scaled } from './scaled.js';
