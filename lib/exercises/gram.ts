import * as tf from '@tensorflow/tfjs';
import { tidy } from '../params.js';
import { close, type Exercise } from './exercise.js';

/** Notebook 06: the Gram matrix of activations [height, width, channels], over all pixels, divided by their number. */
export const gram: Exercise<(activations: tf.Tensor3D) => tf.Tensor2D> = (answer) =>
  tidy(() => {
    const numbers = (x: tf.Tensor) => Array.from(x.dataSync());
    const pixels = [[1, 2, 0], [0, 1, 1], [3, 0, 1], [0, 0, 2], [1, 1, 1], [2, 0, 0]]; // prettier-ignore
    const picture = (rows: number[][], height = 2) => tf.tensor(rows.flat(), [height, rows.length / height, 3]) as tf.Tensor3D; // prettier-ignore
    const got = answer(picture(pixels));
    if (!(got instanceof tf.Tensor)) return 'nothing came back: return a tensor';
    if (String(got.shape) !== '3,3')
      return `activations of 3 channels have a Gram matrix of 3 × 3, one number for each pair of channels; yours is [${got.shape}]`;
    const shuffled = [5, 2, 4, 0, 3, 1].map((i) => pixels[i]!);
    if (!close(numbers(answer(picture(shuffled))), numbers(got)))
      return 'where something is in the picture should not matter: your matrix changes when the pixels are shuffled';
    const sums = [15, 3, 4, 3, 6, 2, 4, 2, 7];
    if (close(numbers(got), sums))
      return 'a larger picture in the same style should have the same matrix: divide by the number of pixels';
    const means = sums.map((x) => x / 6);
    if (!close(numbers(got), means))
      return 'row i, column j: the product of channel i and channel j, mean over all pixels';
    if (!close(numbers(answer(picture(pixels, 3))), numbers(got)))
      return 'height and width should only matter through their product';
    return null;
  });
