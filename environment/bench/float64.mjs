// The gradient of the two-layer LSTM optimizer in double precision, written out by hand and as plainly as can be: what
// every engine and every peer is compared with. Formulas: lib/engine/native/lstm.c.

const sigmoid = (/** @type {number} */ x) => 1 / (1 + Math.exp(-x));

/**
 * ∂ Σ_t Σ_n ahead[t][n] u[t][n] / ∂φ, φ and result as [W1, W2, b1, b2, wo, bo] in one vector: kernels [inputs][4 hidden]
 * with the gates i, g, f, o and the forget gate's 1 already in b1 and b2.
 * @param {{ phi: ArrayLike<number>, gradients: ArrayLike<number>[], ahead: ArrayLike<number>[], hidden: number, p: number, scale: number }} given
 *   p of the preprocessing (log|g| / p, sign g); 0 for gradients as they are
 */
export function reference({ phi, gradients, ahead, hidden: H, p, scale }) {
  const features = p ? 2 : 1;
  const n = gradients[0]?.length ?? 0;
  const G = 4 * H;
  const lengths = [(features + H) * G, 2 * H * G, G, G, H, 1];
  const starts = lengths.map((_, i) => lengths.slice(0, i).reduce((a, b) => a + b, 0));
  const [W1 = 0, W2 = 0, b1 = 0, b2 = 0, wo = 0, bo = 0] = starts;
  // Indices are right by construction: the vectors go unchecked.
  /** @typedef {any} Vector */
  /** @type {Vector} */
  const weights = Float64Array.from(phi);
  /** @type {Vector} */
  const result = new Float64Array(weights.length);

  const preprocess = (/** @type {number} */ g) => {
    if (!p) return [g];
    const size = Math.abs(g);
    return size >= Math.exp(-p) ? [Math.log(size) / p, Math.sign(g)] : [-1, g * Math.exp(p)];
  };

  /** @param {number} W @param {number} b @param {Vector} inputs @param {Vector} before */
  const forward = (W, b, inputs, before) => {
    const z = weights.slice(b, b + G);
    inputs.forEach((/** @type {number} */ x, /** @type {number} */ k) => {
      for (let j = 0; j < G; j++) z[j] += x * weights[W + k * G + j];
    });
    const gates = z.map((/** @type {number} */ x, /** @type {number} */ j) =>
      j >= H && j < 2 * H ? Math.tanh(x) : sigmoid(x),
    );
    const c = before.map(
      (/** @type {number} */ old, /** @type {number} */ u) =>
        gates[2 * H + u] * old + gates[u] * gates[H + u],
    );
    const h = c.map((/** @type {number} */ x, /** @type {number} */ u) => gates[3 * H + u] * Math.tanh(x));
    return { inputs, gates, before, c, h };
  };

  /**
   * Adds to the result, turns dc into the gradient of c before, returns that of the inputs.
   * @param {number} W @param {number} b @param {ReturnType<typeof forward>} cell
   * @param {Vector} dh @param {Vector} dc
   */
  const backward = (W, b, { inputs, gates, before, c }, dh, dc) => {
    /** @type {Vector} */
    const dz = new Float64Array(G);
    for (let u = 0; u < H; u++) {
      const [i, g, f, o] = [0, 1, 2, 3].map((k) => /** @type {Vector} */ (gates)[k * H + u]);
      const t = Math.tanh(c[u]);
      const d = dc[u] + dh[u] * o * (1 - t * t);
      dz[u] = d * g * i * (1 - i);
      dz[H + u] = d * i * (1 - g * g);
      dz[2 * H + u] = d * before[u] * f * (1 - f);
      dz[3 * H + u] = dh[u] * t * o * (1 - o);
      dc[u] = d * f;
    }
    for (let j = 0; j < G; j++) result[b + j] += dz[j];
    return inputs.map((/** @type {number} */ x, /** @type {number} */ k) => {
      let sum = 0;
      for (let j = 0; j < G; j++) {
        result[W + k * G + j] += x * dz[j];
        sum += weights[W + k * G + j] * dz[j];
      }
      return sum;
    });
  };

  for (let i = 0; i < n; i++) {
    const zeros = () => /** @type {Vector} */ (new Float64Array(H));
    let [h1, c1, h2, c2] = [zeros(), zeros(), zeros(), zeros()];
    const steps = gradients.map((g) => {
      const first = forward(W1, b1, [...preprocess(/** @type {Vector} */ (g)[i]), ...h1], c1);
      const second = forward(W2, b2, [...first.h, ...h2], c2);
      [h1, c1, h2, c2] = [first.h, first.c, second.h, second.c];
      return { first, second };
    });
    let [dh1, dc1, dh2, dc2] = [zeros(), zeros(), zeros(), zeros()];
    for (let t = steps.length - 1; t >= 0; t--) {
      const { first, second } = /** @type {Vector} */ (steps)[t];
      const du = scale * /** @type {Vector} */ (ahead)[t][i];
      for (let u = 0; u < H; u++) {
        result[wo + u] += second.h[u] * du;
        dh2[u] += weights[wo + u] * du;
      }
      result[bo] += du;
      const d2 = backward(W2, b2, second, dh2, dc2);
      dh1 = dh1.map((/** @type {number} */ x, /** @type {number} */ u) => x + d2[u]);
      dh2 = Float64Array.from(d2.slice(H));
      const d1 = backward(W1, b1, first, dh1, dc1);
      dh1 = Float64Array.from(d1.slice(features));
    }
  }
  return result;
}

/**
 * ‖a − b‖ / ‖b‖.
 * @param {ArrayLike<number>} a @param {ArrayLike<number>} b
 */
export function relativeError(a, b) {
  let [difference, norm] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    difference += ((a[i] ?? NaN) - (b[i] ?? NaN)) ** 2;
    norm += (b[i] ?? NaN) ** 2;
  }
  return a.length === b.length ? Math.sqrt(difference / norm) : NaN;
}
