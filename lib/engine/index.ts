export { metaGrad, unroll } from '../unroll.js';
