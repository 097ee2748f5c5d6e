import * as tf from '@tensorflow/tfjs';
const momentum = (lr: number, beta: number): Optimizer =>
  coordinatewise({
    init: (n) => ({ v: tf.zeros<tf.Rank.R1>([n]) }),
    update: (grad, { v }) => {
      const next = v.mul<tf.Tensor1D>(beta).add<tf.Tensor1D>(grad.mul(lr));
      return [next, { v: next }];
    },
  });
