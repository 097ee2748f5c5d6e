// The registry: every export is a constructor that works without arguments, and testing/conformance.test.ts
// checks each of them. To add an optimizer, add its file and a line.
export { adam } from './adam.js';
export { lstm } from './lstm.js';
export { nesterov } from './nesterov.js';
export { rmsprop } from './rmsprop.js';
export { sgd } from './sgd.js';
export { smorms3 } from './smorms3.js';
