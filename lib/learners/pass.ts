import * as tf from '@tensorflow/tfjs';
import { get, tidy } from '../params.js';
import { sigmoid, softplus } from '../rivals/logistic.js';
import type { Params } from '../types.js';
import type { Batch } from './batch.js';
import { thetaSize, type Learner } from './cellState.js';

/** The learner's way through a batch of streams. */
export interface Pass {
  /** Cross-entropy of every prediction, nats: [steps, batch]. */
  readonly losses: Float32Array;
  /** θ_t of every stream, t = 0 … steps: [steps + 1, batch, P]. */
  readonly theta: Float32Array;
  /** ∂/∂φ of Σ weights ⊙ losses, by the names of φ. The caller disposes it. */
  backward(weights: Float32Array): Params;
}

/**
 * What {@link plainLosses} computes, several times faster: loops over typed arrays, with only the products of large
 * matrices left to TensorFlow.js, and the gradient written out by hand.
 */
export function pass({ sizes }: Learner, phi: Params, { x, y, shown, steps, batch: B }: Batch): Pass {
  const { dim, units, hidden } = sizes;
  const [h1, h2] = hidden;
  const P = thetaSize(sizes);
  const [atB1, atW2, atB2] = [units * dim, units * (dim + 1), P - 1];
  const read = (name: string) => get(phi, name).dataSync() as Float32Array;
  const names = ['dense1', 'dense2', 'gates'].flatMap((layer) => [`${layer}/kernel`, `${layer}/bias`]);
  const [a1, bias1, a2, bias2, , bias3] = names.map(read) as Float32Array[];
  const inputs = dim + 3;

  const theta = new Float32Array((steps + 1) * B * P);
  const gateI = new Float32Array(steps * B * P);
  const gateF = new Float32Array(steps * B * P);
  const gateC = new Float32Array(steps * B * P);
  const z = new Float32Array(steps * B * inputs);
  const u1 = new Float32Array(steps * B * h1);
  const u2 = new Float32Array(steps * B * h2);
  const h = new Float32Array(steps * B * units);
  const losses = new Float32Array(steps * B);
  for (let b = 0; b < B; b++) theta.set(read('theta0'), b * P);

  for (let t = 0; t < steps; t++) {
    for (let row = t * B; row < (t + 1) * B; row++) {
      let score = theta[row * P + atB2]!;
      for (let k = 0; k < units; k++) {
        let sum = theta[row * P + atB1 + k]!;
        for (let j = 0; j < dim; j++) sum += theta[row * P + k * dim + j]! * x[row * dim + j]!;
        h[row * units + k] = sum > 0 ? sum : 0;
        if (sum > 0) score += sum * theta[row * P + atW2 + k]!;
      }
      losses[row] = softplus(score) - score * y[row]!;
      z.set(x.subarray(row * dim, (row + 1) * dim), row * inputs);
      z[row * inputs + dim] = y[row]! * shown[row]!;
      z[row * inputs + dim + 1] = sigmoid(score);
      z[row * inputs + dim + 2] = shown[row]!;
      dense(z, a1!, bias1!, u1, row, inputs, h1);
      dense(u1, a2!, bias2!, u2, row, h1, h2);
    }
    const gates = product(u2.subarray(t * B * h2, (t + 1) * B * h2), [B, h2], get(phi, 'gates/kernel'));
    for (let b = 0; b < B; b++) {
      for (let p = 0; p < P; p++) {
        const at = (t * B + b) * P + p;
        const g = b * 3 * P + p;
        const i = sigmoid(gates[g]! + bias3![p]!);
        const f = sigmoid(gates[g + P]! + bias3![P + p]!);
        const c = 2 * sigmoid(2 * (gates[g + 2 * P]! + bias3![2 * P + p]!)) - 1; // tanh
        gateI[at] = i;
        gateF[at] = f;
        gateC[at] = c;
        theta[at + B * P] = f * theta[at]! + i * c;
      }
    }
  }

  const backward = (weights: Float32Array): Params =>
    tidy(() => {
      const transposed = tf.transpose(get<tf.Tensor2D>(phi, 'gates/kernel'));
      const down = new Float32Array(B * P); // ∂L/∂θ_{t+1}, then ∂L/∂θ_t
      const total = names.map((name) => new Float32Array(get(phi, name).size));
      const [dA1, dBias1, dA2, dBias2, dA3, dBias3] = total as [Float32Array, Float32Array, Float32Array, Float32Array, Float32Array, Float32Array]; // prettier-ignore
      const chunk = Math.max(1, Math.min(steps, Math.floor(4096 / B))); // steps whose ∂L/∂gates are kept for one product
      const dGates = new Float32Array(chunk * B * 3 * P);
      for (let end = steps; end > 0; ) {
        const from = Math.max(0, end - chunk);
        for (let t = end - 1; t >= from; t--) {
          const offset = (t - from) * B * 3 * P;
          for (let b = 0; b < B; b++) {
            for (let p = 0; p < P; p++) {
              const at = (t * B + b) * P + p;
              const g = offset + b * 3 * P + p;
              const d = down[b * P + p]!;
              const i = gateI[at]!;
              const f = gateF[at]!;
              const c = gateC[at]!;
              dGates[g] = d * c * i * (1 - i);
              dGates[g + P] = d * theta[at]! * f * (1 - f);
              dGates[g + 2 * P] = d * i * (1 - c * c);
              down[b * P + p] = d * f;
            }
          }
          const dU2 = product(dGates.subarray(offset, offset + B * 3 * P), [B, 3 * P], transposed);
          for (let b = 0; b < B; b++) {
            const row = t * B + b;
            const dU1 = denseBackward(u2, dU2, u1, a2!, dA2, dBias2, row, b, h1, h2);
            const dZ = denseBackward(u1, dU1, z, a1!, dA1, dBias1, row, 0, inputs, h1);
            const prediction = z[row * inputs + dim + 1]!;
            const dScore =
              weights[row]! * (prediction - y[row]!) + dZ[dim + 1]! * prediction * (1 - prediction);
            down[b * P + atB2]! += dScore;
            for (let k = 0; k < units; k++) {
              const active = h[row * units + k]!;
              if (active <= 0) continue;
              const dUnit = dScore * theta[row * P + atW2 + k]!;
              down[b * P + atW2 + k]! += dScore * active;
              down[b * P + atB1 + k]! += dUnit;
              for (let j = 0; j < dim; j++) down[b * P + k * dim + j]! += dUnit * x[row * dim + j]!;
            }
          }
        }
        const rows = (end - from) * B;
        const seen = tf.tensor2d(u2.subarray(from * B * h2, end * B * h2), [rows, h2]).transpose();
        const part = tf.tensor2d(dGates.subarray(0, rows * 3 * P), [rows, 3 * P]);
        const more = seen.matMul(part).dataSync();
        for (let k = 0; k < more.length; k++) dA3[k]! += more[k]!;
        for (let row = 0; row < rows; row++)
          for (let g = 0; g < 3 * P; g++) dBias3[g]! += dGates[row * 3 * P + g]!;
        end = from;
      }
      const dTheta0 = new Float32Array(P);
      for (let b = 0; b < B; b++) for (let p = 0; p < P; p++) dTheta0[p]! += down[b * P + p]!;
      const all = [...names.map((name, k) => [name, total[k]!] as const), ['theta0', dTheta0] as const];
      return Object.fromEntries(all.map(([name, values]) => [name, tf.tensor(values, get(phi, name).shape)]));
    });

  return { losses, theta, backward };
}

/** left · right, by TensorFlow.js. */
function product(left: Float32Array, shape: [number, number], right: tf.Tensor): Float32Array {
  const tensor = tf.tensor2d(left, shape);
  const result = tensor.matMul(right as tf.Tensor2D);
  // Outside any `tidy`, which would walk through every number of an array that it returns.
  const values = result.dataSync() as Float32Array;
  tf.dispose([tensor, result]);
  return values;
}

/** output = relu(input · kernel + bias) for one row. */
function dense(
  input: Float32Array,
  kernel: Float32Array,
  bias: Float32Array,
  output: Float32Array,
  row: number,
  from: number,
  to: number,
): void {
  const out = output.subarray(row * to, (row + 1) * to);
  out.set(bias);
  for (let j = 0; j < from; j++) {
    const value = input[row * from + j]!;
    if (value === 0) continue;
    for (let k = 0; k < to; k++) out[k]! += value * kernel[j * to + k]!;
  }
  for (let k = 0; k < to; k++) if (out[k]! < 0) out[k] = 0;
}

/** Adds ∂L/∂kernel and ∂L/∂bias of one row, and returns ∂L/∂input. */
function denseBackward(
  output: Float32Array,
  dOutput: Float32Array,
  input: Float32Array,
  kernel: Float32Array,
  dKernel: Float32Array,
  dBias: Float32Array,
  row: number,
  dRow: number,
  from: number,
  to: number,
): Float32Array {
  const dInput = new Float32Array(from);
  const slope = new Float32Array(to);
  for (let k = 0; k < to; k++) {
    if (output[row * to + k]! > 0) slope[k] = dOutput[dRow * to + k]!;
    dBias[k]! += slope[k]!;
  }
  for (let j = 0; j < from; j++) {
    const value = input[row * from + j]!;
    let sum = 0;
    for (let k = 0; k < to; k++) {
      sum += slope[k]! * kernel[j * to + k]!;
      dKernel[j * to + k]! += value * slope[k]!;
    }
    dInput[j] = sum;
  }
  return dInput;
}
