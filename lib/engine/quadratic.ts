import type { QuadraticSpec } from '../types.js';

/** f(θ) = Σ ‖W θ − y‖² over a batch, and ∇f = 2 W'(W θ − y): too small for a kernel of its own, and for a tape. */
export function quadraticLoss({ W, y }: QuadraticSpec) {
  const [batch, , dim] = W.shape;
  const [w, target] = [W.dataSync(), y.dataSync()];
  const residual = new Float32Array(dim);
  const lossAndGradient = (theta: Float32Array) => {
    const gradient = new Float32Array(theta.length);
    let loss = 0;
    for (let b = 0; b < batch; b++) {
      const at = b * dim;
      for (let i = 0; i < dim; i++) {
        const row = (at + i) * dim;
        let sum = -target[at + i]!;
        for (let j = 0; j < dim; j++) sum += w[row + j]! * theta[at + j]!;
        residual[i] = sum;
        loss += sum * sum;
      }
      for (let j = 0; j < dim; j++) {
        let sum = 0;
        for (let i = 0; i < dim; i++) sum += w[(at + i) * dim + j]! * residual[i]!;
        gradient[at + j] = 2 * sum;
      }
    }
    return { loss, gradient };
  };
  return { names: ['theta'], lossAndGradient };
}
