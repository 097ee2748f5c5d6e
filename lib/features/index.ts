// Networks whose features describe a picture: every function here gives one.
export { smallVgg } from './smallVgg.js';
export { vgg19 } from './vgg19.js';
