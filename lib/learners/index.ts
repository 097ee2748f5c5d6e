export { sideBySideStreams, type Batch } from './batch.js';
export * from './cellState.js';
export * from './evaluate.js';
export * from './metatrain.js';
export * from './optimizee.js';
export { pass, type Pass } from './pass.js';
