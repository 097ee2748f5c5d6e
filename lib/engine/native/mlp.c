// Loss and gradient of a fully connected classifier on a minibatch: softmax cross-entropy, mean over the examples.
//   A_0 = pixels / 255,   Z_l = W_l' A_l-1 + b_l,   A_l = act(Z_l),   delta = (softmax(Z) - one-hot) / batch at the top,
//   dW_l = A_l-1 delta_l',   db_l = sum delta_l,   delta_l-1 = (W_l delta_l) act'(A_l-1)
// Vector lanes are examples; arrays are [unit][example], examples padded to P, a multiple of 64, with delta 0.
#include "lstm.h"
#include "vector.h"
// Tiles of NV vectors x J units (products), K x J weights (weight gradient).
#if VL == 16
enum { NV = 4, J = 5, K = 4 };
#elif VL == 8
enum { NV = 2, J = 5, K = 2 };
#elif defined __aarch64__
enum { NV = 4, J = 4, K = 4 };
#else
enum { NV = 2, J = 4, K = 2 };
#endif
enum { SIGMOID, RELU, TANH };

#if VL == 16
IN float total(vf v) { __auto_type a = v.lo + v.hi; __auto_type b = a.lo + a.hi; __auto_type c = b.lo + b.hi; return c.x + c.y; }
#elif VL == 8
IN float total(vf v) { __auto_type b = v.lo + v.hi; __auto_type c = b.lo + b.hi; return c.x + c.y; }
#else
IN float total(vf v) { __auto_type c = v.lo + v.hi; return c.x + c.y; }
#endif

// A[k][example] = pixels[example][k] / 255: four pixels of VL examples at a time, an example's in one word.
IN void unpack(int inputs, int batch, int P, const uint8_t *pixels, float *A) {
  int k = 0;
  for (; k + 4 <= inputs; k += 4, A += 4 * P) for (int b = 0; b < batch; b += VL) {
    vi words;
    TILE(l, VL) { int32_t word = 0; if (b + l < batch) __builtin_memcpy(&word, pixels + (b + l) * inputs + k, 4); words[l] = word; }
    TILE(j, 4) st(A + j * P + b, __builtin_convertvector(words >> (8 * j) & 255, vf) * (1 / 255.f));
  }
  for (; k < inputs; k++, A += P) for (int b = 0; b < batch; b++) A[b] = (float)pixels[b * inputs + k] * (1 / 255.f);
}
// out[n][P] = bias + W' in for n units from `first`; W is [inputs][outputs].
IN void product(const int n, int P, int inputs, int outputs, const float *W, const float *bias, const float *in, float *out) {
  for (int v0 = 0; v0 < P; v0 += NV * VL) {
    vf a[5][NV];
    TILE(j, n) TILE(v, NV) a[j][v] = bias[j];
    const float *x = in + v0, *w = W;
    for (int k = 0; k < inputs; k++, x += P, w += outputs) {
      vf y[NV];
      TILE(v, NV) y[v] = ld(x + v * VL);
      TILE(j, n) TILE(v, NV) a[j][v] = mad(w[j], y[v], a[j][v]);
    }
    TILE(j, n) TILE(v, NV) st(out + j * P + v0 + v * VL, a[j][v]);
  }
}
// dW[n][m] = sum over examples of in[n] delta[m]
IN void weights(const int n, const int m, int P, int outputs, const float *in, const float *delta, float *dW) {
  vf a[4][5];
  TILE(k, n) TILE(j, m) a[k][j] = 0;
  for (int v = 0; v < P; v += VL) {
    vf y[4];
    TILE(k, n) y[k] = ld(in + k * P + v);
    TILE(j, m) { vf d = ld(delta + j * P + v); TILE(k, n) a[k][j] = mad(y[k], d, a[k][j]); }
  }
  TILE(k, n) TILE(j, m) dW[k * outputs + j] = total(a[k][j]);
}
IN void weight_rows(const int n, int P, int outputs, const float *in, const float *delta, float *dW) {
  int j = 0;
  for (; j + J <= outputs; j += J) weights(n, J, P, outputs, in, delta + j * P, dW + j);
  for (; j < outputs; j++) weights(n, 1, P, outputs, in, delta + j * P, dW + j);
}
IN vf activation(int kind, vf z) { vf zero = 0; return kind == SIGMOID ? sigmoid(z) : kind == TANH ? vtanh(z) : z < zero ? zero : z; }
IN vf slope(int kind, vf a) { vf zero = 0, one = 1; return kind == SIGMOID ? a * (1 - a) : kind == TANH ? 1 - a * a : a > zero ? one : zero; }

// Z [class][example] becomes delta; returns the loss.
float CAT(softmax, VARIANT)(int P, int classes, int batch, const int32_t *labels, float *Z) {
  vf loss = 0;
  for (int v = 0; v < P; v += VL) {
    vf top = ld(Z + v), s = 0, own = 0, zero = 0, share = 1.f / (float)batch;
    vi y = *(const vi *)(labels + v);
    for (int j = 1; j < classes; j++) { vf z = ld(Z + j * P + v); top = z > top ? z : top; }
    for (int j = 0; j < classes; j++) {
      vf z = ld(Z + j * P + v) - top, e = vexp(z);
      own = y == j ? z : own;
      s += e;
      st(Z + j * P + v, e);
    }
    share = y < 0 ? zero : share;  // padding
    loss += share * (vlog(s) - own);
    for (int j = 0; j < classes; j++) {
      vf e = ld(Z + j * P + v) / s, one = 1;
      st(Z + j * P + v, share * (e - (y == j ? one : zero)));
    }
  }
  return total(loss);
}

void CAT(mlp, VARIANT)(char *at) {
  const Mlp *m = (const Mlp *)at;
  const int P = m->padded, layers = m->layers;
  const uint8_t *pixels = (const uint8_t *)(at + m->pixels);
  const float *theta = (const float *)(at + m->theta);
  float *gradient = (float *)(at + m->gradient), *work = (float *)(at + m->work);
  float *A[MAX_LAYERS + 1];
  size_t offset[MAX_LAYERS + 1];  // of a layer's weights in theta
  offset[0] = 0;
  for (int l = 0; l <= layers; l++) {
    A[l] = work;
    work += (size_t)m->units[l] * P;
    if (l < layers) offset[l + 1] = offset[l] + (size_t)(m->units[l] + 1) * m->units[l + 1];
  }
  unpack(m->units[0], m->batch, P, pixels, A[0]);
  for (int l = 0; l < layers; l++) {
    const int I = m->units[l], O = m->units[l + 1];
    const float *W = theta + offset[l], *bias = W + (size_t)I * O;
    int j = 0;
    for (; j + J <= O; j += J) product(J, P, I, O, W + j, bias + j, A[l], A[l + 1] + j * P);
    for (; j < O; j++) product(1, P, I, O, W + j, bias + j, A[l], A[l + 1] + j * P);
    if (l < layers - 1) for (int i = 0; i < O * P; i += VL) st(A[l + 1] + i, activation(m->activation, ld(A[l + 1] + i)));
  }
  *(float *)(at + m->loss) = CAT(softmax, VARIANT)(P, m->units[layers], m->batch, (const int32_t *)(at + m->labels), A[layers]);
  for (int l = layers - 1; l >= 0; l--) {
    const int I = m->units[l], O = m->units[l + 1];
    const float *W = theta + offset[l], *delta = A[l + 1];
    float *dW = gradient + offset[l];
    int k = 0;
    for (; k + K <= I; k += K) weight_rows(K, P, O, A[l] + k * P, delta, dW + k * O);
    for (; k < I; k++) weight_rows(1, P, O, A[l] + k * P, delta, dW + k * O);
    for (int j = 0; j < O; j++) {
      vf s = 0;
      for (int v = 0; v < P; v += VL) s += ld(delta + j * P + v);
      dW[(size_t)I * O + j] = total(s);
    }
    if (l) for (k = 0; k < I; k++) for (int v = 0; v < P; v += VL) {  // A becomes delta
      vf d = 0, a = ld(A[l] + k * P + v);
      for (int j = 0; j < O; j++) d = mad(W[k * O + j], ld(delta + j * P + v), d);
      st(A[l] + k * P + v, flush(d) * slope(m->activation, a));
    }
  }
}

// `rounds` times 12 independent multiply-adds of VL lanes: the rate that nothing can exceed.
float CAT(fma, VARIANT)(int rounds) {
  vf a[12], x = 0.999f, y = 1e-3f;
  TILE(i, 12) a[i] = (float)i;
  for (int r = 0; r < rounds; r++) TILE(i, 12) a[i] = mad(a[i], x, y);
  vf s = 0;
  TILE(i, 12) s += a[i];
  return total(s);
}
