'use strict';
// danfojs asks for @tensorflow/tfjs-node; it gets the one TensorFlow.js that the library uses.
module.exports = require('@tensorflow/tfjs');
