// The registry: every export takes one object of options and returns a family, and testing/conformance.test.ts
// checks each of them. To add an optimizee, add its file and a line.
export { convnet } from './convnet.js';
export { mlp } from './mlp.js';
export { quadratic } from './quadratic.js';
export { style } from './style.js';
