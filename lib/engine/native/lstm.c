// Coordinatewise LSTM optimizer of one or two layers: one forward step and truncated back-propagation through time, fused and cache-blocked.
// Plain C for clang (ext_vector_type). Compile once per instruction set: -DVARIANT=avx512 -DVL=16, avx2 8, neon 4, wasm 4.
//
// Every coordinate n carries its own state (h1, c1, h2, c2), H numbers each, H a multiple of 4; all coordinates share the parameters.
// With one layer, h2 and c2 stay 0 and the update is read from h1.
//   x  = (log|g|/p, sign g) if |g| >= exp(-p), else (-1, exp(p) g); with p = 0: (g, 0)             two inputs
//   z1 = W1' [x; h1-] + b1,   z2 = W2' [h1; h2-] + b2      (- marks the previous step)            four gates i, g, f, o of H units
//   c  = s(zf) c- + s(zi) tanh(zg),   h = s(zo) tanh(c)                                          s = sigmoid
//   u  = scale (wo . h2 + bo)                                                                    the update
// The backward pass gives the gradient of L = sum over t, n of du[t][n] u[t][n] with respect to the parameters.
//
// Vector lanes are coordinates, weights are broadcast, so that a product W' x of a block is a small matrix product kept in registers.
#include "lstm.h"
#include "vector.h"
// Register tiles: NV vectors x 4 gates (forward), NV x DJ rows (input gradient), RJ rows x RG gates (weight gradient), where H is a
// multiple of 5, and tiles of 4 rows otherwise. S time steps share one pass over the weight-gradient sums; KU unrolls the inner loops;
// AB vectors go through the gates abreast. Measured.
#ifndef NV
#if VL == 16
enum { NV = 4, DJ = 5, RJ = 5, RG = 4, S = 4, KU = 2, AB = 1 };
#elif VL == 8
enum { NV = 2, DJ = 5, RJ = 2, RG = 5, S = 2, KU = 2, AB = 1 };
#elif defined __aarch64__
enum { NV = 4, DJ = 5, RJ = 4, RG = 4, S = 2, KU = 2, AB = 1 };
#else
enum { NV = 2, DJ = 4, RJ = 2, RG = 4, S = 1, KU = 1, AB = 2 };  // V8 unrolls itself; tiles must fit 15 registers
#endif
#endif

#define B BLOCK
#define UNITS const int H = c->units  // in every function that uses one of the sizes below
#define G (4 * H)
// Canonical parameters: W1[2 + H][4H], W2[2H][4H], b1[4H], b2[4H], wo[H], bo; column = gate * H + unit, gates i, g, f, o.
// The sums of the backward pass use the same rows but column = 4 * unit + gate.
#define W2_ ((2 + H) * G)
#define B1_ (W2_ + 2 * H * G)
#define B2_ (B1_ + G)
#define WO_ (B2_ + G)
#define BO_ (WO_ + H)
#define NPAR (BO_ + 1)
// Rows of a record: state h1, h2, c1, c2, then the gates of both layers, [unit][gate].
#define H1 0
#define H2 H
#define C1 (2 * H)
#define C2 (3 * H)
#define G1 (4 * H)
#define G2 (8 * H)
#define STATE_ (4 * H * B)
#define RECORD (12 * H * B)
#define X_ (2 * B)  // features of a block
// Packed weights: forward [unit][input][4 gates]; transposed, input rows in groups of DJ: [group][4 * unit + gate][DJ].
#define F1 0
#define F2 (F1 + G * (2 + H))
#define PB1 (F2 + G * 2 * H)
#define PB2 (PB1 + G)
#define T1 (PB2 + G)
#define T2 (T1 + G * H)
#define PACKED_ (T2 + G * 2 * H)

IN void preprocess(const Lstm *c, const float *g, float *x) {
  if (c->p == 0) {
    for (int v = 0; v < B; v += VL) { vf zero = 0; st(x + v, ld(g + v)); st(x + B + v, zero); }
    return;
  }
  for (int v = 0; v < B; v += VL) {
    vf a = ld(g + v), m = (vf)((vi)a & 0x7fffffff), one = 1;
    vi big = m >= c->edge;
    st(x + v, big ? vlog(m) / c->p : -one);
    st(x + B + v, big ? (vf)(((vi)a & (int)0x80000000) | (vi)one) : a / c->edge);
  }
}

#define F(field) ((float *)(c->base + c->at[field]))
// Rows of an input-gradient tile for this H.
IN int rows_of_tile(const Lstm *c) { return c->units % DJ ? 4 : DJ; }
static size_t layout(Lstm *c) {
  UNITS;
  size_t n = (c->N + B - 1) / B, T = c->T, top = 0, threads = c->threads;
  c->blocks = (int)n; c->per_chunk = (c->blocks + 63) / 64; c->chunks = (c->blocks + c->per_chunk - 1) / c->per_chunk;
  c->scratch = S * X_ + S * 2 * G * B + STATE_ + (size_t)NPAR * VL + 64 + (c->store ? 0 : T * RECORD);
  c->scratch = (c->scratch + 1023) & ~(size_t)1023;
  size_t floats[FIELDS] = {
      [PAR] = NPAR, [G_IN] = T * n * B, [U_OUT] = T * n * B, [DU] = T * n * B, [STATE0] = n * STATE_, [GRAD] = 2 * NPAR,
      [PACKED] = PACKED_, [REC] = c->store ? T * n * RECORD : n * STATE_,
      [SCRATCH] = threads * c->scratch, [PARTIAL] = (size_t)c->chunks * NPAR * 2};
  for (int i = 0; i < FIELDS; i++) { c->at[i] = top; top += (floats[i] * 4 + 127) & ~(size_t)127; }
  return top;
}
static void pack(const Lstm *c) {
  UNITS;
  const int J = rows_of_tile(c);
  const float *P = F(PAR), *W2 = P + W2_;
  float *p = F(PACKED);
  for (int u = 0; u < H; u++) for (int g = 0; g < 4; g++) {
    int col = g * H + u, row = 4 * u + g;
    float half = g == 1 ? 1 : 0.5f;  // sigmoid(z) = 1/2 + tanh(z/2)/2: of i, f, o, the forward pass computes z/2
    for (int k = 0; k < 2 + H; k++) p[F1 + (u * (2 + H) + k) * 4 + g] = half * P[k * G + col];
    for (int k = 0; k < 2 * H; k++) p[F2 + (u * 2 * H + k) * 4 + g] = half * W2[k * G + col];
    p[PB1 + row] = half * P[B1_ + col]; p[PB2 + row] = half * P[B2_ + col];
    for (int j = 0; j < H; j++) p[T1 + (j / J * G + row) * J + j % J] = P[(j + 2) * G + col];
    for (int j = 0; j < 2 * H; j++) p[T2 + (j / J * G + row) * J + j % J] = W2[j * G + col];
  }
}

// ---- forward ----
IN void products(vf a[4][NV], const float *w, const float *in, int K) {  // a[gate] += sum over k of w[k][gate] in[k]
  REPEAT(KU) for (int k = 0; k < K; k++, in += B, w += 4) {
    OPAQUE(in); OPAQUE(w);
    vf x[NV];
    TILE(v, NV) x[v] = ld(in + v * VL);
    TILE(g, 4) TILE(v, NV) a[g][v] = mad(w[g], x[v], a[g][v]);
  }
}
IN void layer(const int H, int KA, int save, const float *w, const float *bias, const float *inA, const float *inB, const float *prev, float *c, float *h, float *gates, const float *from, const float *to) {
  for (int u = 0; u < H; u++, w += 4 * (KA + H)) {
    float z[4 * B] __attribute__((aligned(64)));
    for (int v0 = 0; v0 < B; v0 += NV * VL) {
      if (to) { touch(from); touch(to); touch(to + 2 * H * B); touch(to + 4 * H * B); from += LINE; to += LINE; }
      vf a[4][NV];
      TILE(g, 4) TILE(v, NV) a[g][v] = bias[4 * u + g];
      products(a, w, inA + v0, KA);
      products(a, w + 4 * KA, inB + v0, H);
      TILE(g, 4) TILE(v, NV) st(z + g * B + v0 + v * VL, a[g][v]);
    }
    LOOP for (int v0 = 0; v0 < B; v0 += AB * VL) {
      vf t[4 * AB], cell[AB], out[AB];
      TILE(v, AB) TILE(g, 4) t[4 * v + g] = ld(z + g * B + v0 + v * VL);
      half_tanhs(4 * AB, t);
      TILE(v, AB) {
        int l = v0 + v * VL, at = u * B + l;
        vf i = t[4 * v] + 0.5f, g = t[4 * v + 1] + t[4 * v + 1], f = t[4 * v + 2] + 0.5f, o = t[4 * v + 3] + 0.5f;
        cell[v] = mad(f, ld(prev + at), i * g); out[v] = o;
        st(c + at, cell[v]);
        if (save) { float *q = gates + 4 * u * B + l; st(q, i); st(q + B, g); st(q + 2 * B, f); st(q + 3 * B, o); }
      }
      half_tanhs(AB, cell);
      TILE(v, AB) st(h + u * B + v0 + v * VL, out[v] * (cell[v] + cell[v]));
    }
  }
}
// h: where h1 and h2 go, apart from prev, which may be next itself. from, to: the state that the next block begins with, and where its
// record goes: memory that is touched meanwhile; 0 where records stay in the cache.
IN void step(const Lstm *c, const float *p, int save, const float *x, const float *prev, float *next, float *h, const float *from, const float *to) {
  UNITS;
  layer(H, 2, save, p + F1, p + PB1, x, prev + H1 * B, prev + C1 * B, next + C1 * B, h + H1 * B, next + G1 * B, from, to);
  if (c->layers == 2) layer(H, H, save, p + F2, p + PB2, h + H1 * B, prev + H2 * B, prev + C2 * B, next + C2 * B, h + H2 * B, next + G2 * B, from + 2 * H * B, to ? to + 6 * H * B : 0);
}
static void step_save(const Lstm *c, const float *p, const float *x, const float *prev, float *next) { step(c, p, 1, x, prev, next, next, 0, 0); }
static void step_store(const Lstm *c, const float *p, const float *x, const float *prev, float *next, const float *from, const float *to) { step(c, p, 1, x, prev, next, next, from, to); }
static void step_state(const Lstm *c, const float *p, const float *x, const float *prev, float *next, float *h) {
  UNITS;
  step(c, p, 0, x, prev, next, h, 0, 0);
  for (int k = 0; k < c->layers * H * B; k += VL) st(next + k, ld(h + k));
}
// State after step t of block b: store mode keeps all records, recompute mode the last state.
IN float *state(const Lstm *c, int t, int b) {
  UNITS;
  if (t < 0) return F(STATE0) + (size_t)b * STATE_;
  return c->store ? F(REC) + ((size_t)t * c->blocks + b) * RECORD : F(REC) + (size_t)b * STATE_;
}
static void forward(const Lstm *c, int t, int thread, int b) {
  UNITS;
  size_t at = (size_t)t * c->blocks + b;
  const float *wo = F(PAR) + WO_, *prev = state(c, t - 1, b);
  float *x = F(SCRATCH) + thread * c->scratch, *next = state(c, t, b), *top = next + (c->layers == 2 ? H2 : H1) * B;
  preprocess(c, F(G_IN) + at * B, x);
  if (c->store) {
    int last = b + 1 == c->blocks;
    step_store(c, F(PACKED), x, prev, next, last ? prev : state(c, t - 1, b + 1), last ? next : next + RECORD);
  } else step_state(c, F(PACKED), x, prev, next, x + S * X_);
  for (int v = 0; v < B; v += VL) {
    vf s = wo[H];  // bo follows wo
    for (int k = 0; k < H; k++) s = mad(wo[k], ld(top + k * B + v), s);
    st(F(U_OUT) + at * B + v, s * c->scale);
  }
}

// ---- backward ----
// Gradient of the gate inputs from dh and dc (gradients of h and c), h, c- and the gates; dc becomes the gradient of c-. tanh(c) is h / o,
// cheaper than tanh anew. du != 0: output layer.
IN void gate_gradient(const int H, size_t before, const float *gates, const float *h, const float *prev, const float *dh, float *dc, const float *wo, const float *du, float *dG, float *acc) {
  for (int u = 0; u < H; u++) {
    vf si = 0, sg = 0, sf = 0, so = 0;
    LOOP for (int l = 0; l < B; l += VL) {
      int v = u * B + l;
      const float *q = gates + 4 * u * B + l;
      fetch(q - before); fetch(q + B - before); fetch(q + 2 * B - before); fetch(q + 3 * B - before); fetch(prev + v - before); fetch(prev + v - 2 * H * B - before);
      vf i = ld(q), g = ld(q + B), f = ld(q + 2 * B), o = ld(q + 3 * B), tc = ld(h + v) / (o + 1e-30f), e = ld(dh + v);  // o = 0 has h = 0
      if (du) e = mad(wo[u], ld(du + l), e);
      vf ho = flush(e) * o, d = flush(mad(ho, 1 - tc * tc, ld(dc + v)));
      vf di = d * g * (i * (1 - i)), dg = d * i * (1 - g * g), df = d * ld(prev + v) * (f * (1 - f)), dO = ho * tc * (1 - o);
      st(dc + v, d * f);
      float *w = dG + 4 * u * B + l;
      st(w, di); st(w + B, dg); st(w + 2 * B, df); st(w + 3 * B, dO);
      si += di; sg += dg; sf += df; so += dO;
    }
    float *a = acc + 4 * u * VL;
    st(a, ld(a) + si); st(a + VL, ld(a + VL) + sg); st(a + 2 * VL, ld(a + 2 * VL) + sf); st(a + 3 * VL, ld(a + 3 * VL) + so);
  }
}
static void gate_gradient_top(const int H, size_t before, const float *gates, const float *h, const float *prev, const float *dh, float *dc, const float *wo, const float *du, float *dG, float *acc) {
  gate_gradient(H, before, gates, h, prev, dh, dc, wo, du, dG, acc);
}
static void gate_gradient_low(const int H, size_t before, const float *gates, const float *h, const float *prev, const float *dh, float *dc, float *dG, float *acc) {
  gate_gradient(H, before, gates, h, prev, dh, dc, 0, 0, dG, acc);
}
IN void input_tile(const int J, const int H, int add, const float *wT, const float *dG, float *out) {  // out[H][B] (+)= W dG
  for (int j = 0; j < H; j += J, wT += G * J) for (int v0 = 0; v0 < B; v0 += NV * VL) {
    vf a[5][NV];
    const float *d = dG + v0, *w = wT;
    float *o = out + j * B + v0;
    TILE(r, J) TILE(v, NV) a[r][v] = add ? ld(o + r * B + v * VL) : 0;
    REPEAT(KU) for (int k = 0; k < G; k++, d += B, w += J) {
      OPAQUE(d); OPAQUE(w);
      vf x[NV];
      TILE(v, NV) x[v] = ld(d + v * VL);
      TILE(r, J) TILE(v, NV) a[r][v] = mad(w[r], x[v], a[r][v]);
    }
    TILE(r, J) TILE(v, NV) st(o + r * B + v * VL, a[r][v]);
  }
}
static void input_gradient(const Lstm *c, int add, const float *wT, const float *dG, float *out) {
  if (rows_of_tile(c) == DJ) input_tile(DJ, c->units, add, wT, dG, out); else input_tile(4, c->units, add, wT, dG, out);
}
// acc[row][4H] += sum over the steps s and the coordinates of in_s[row] dG_s[gate]; a sum is kept as VL partial sums.
// soon: 4H rows that the next step will read, of which each tile touches two lines, far from each other: two streams are faster than one.
IN void weight_tile(const int J, const int Q, const int H, const float *const *in, const float *const *dG, int steps, int rows, float *acc, const float *soon) {
  const int half = 2 * H * B;
  const float *until = soon + half;
  for (int j = 0; j < rows; j += J) for (int g = 0; g < G; g += Q) {
    if (soon < until) { touch(soon); touch(soon + half); soon += LINE; }
    float *A = acc + (j * G + g) * VL;
    vf a[5][5];
    TILE(r, J) TILE(q, Q) a[r][q] = ld(A + (r * G + q) * VL);
    for (int s = 0; s < steps; s++) {
      const float *x = in[s] + j * B, *d = dG[s] + g * B;
      REPEAT(KU) for (int v = 0; v < B; v += VL, x += VL, d += VL) {
        OPAQUE(x); OPAQUE(d);
        vf y[5];
        TILE(r, J) y[r] = ld(x + r * B);
        TILE(q, Q) { vf e = ld(d + q * B); TILE(r, J) a[r][q] = mad(y[r], e, a[r][q]); }
      }
    }
    TILE(r, J) TILE(q, Q) st(A + (r * G + q) * VL, a[r][q]);
  }
}
static void weight_gradient(const Lstm *c, const float *const *in, const float *const *dG, int steps, float *acc, const float *soon) {
  const int H = c->units;
  if (H % 5) weight_tile(2, 4, H, in, dG, steps, H, acc, soon); else weight_tile(RJ, RG, H, in, dG, steps, H, acc, soon);
}
static void weight_gradient_x(const Lstm *c, const float *const *in, const float *const *dG, int steps, float *acc, const float *soon) {
  if (c->units % 5) weight_tile(2, 4, c->units, in, dG, steps, 2, acc, soon); else weight_tile(2, RG, c->units, in, dG, steps, 2, acc, soon);
}

static void backward(const Lstm *c, int thread, int b) {
  UNITS;
  const int two = c->layers == 2, top = two ? H2 : H1;
  float *xs = F(SCRATCH) + thread * c->scratch, *sc = xs + S * X_, *dh1 = sc + S * 2 * G * B, *dc1 = dh1 + H * B, *dh2 = dc1 + H * B, *dc2 = dh2 + H * B, *acc = dh1 + STATE_;
  const float *pk = F(PACKED), *wo = F(PAR) + WO_, *first = F(STATE0) + (size_t)b * STATE_, *g0 = F(G_IN) + (size_t)b * B;
  float *rec = c->store ? F(REC) + (size_t)b * RECORD : acc + NPAR * VL + 64 - NPAR * VL % 64;
  size_t stride = c->store ? (size_t)c->blocks * RECORD : RECORD, gstride = (size_t)c->blocks * B;
  if (!c->store) for (int t = 0; t < c->T; t++) {
    preprocess(c, g0 + t * gstride, xs);
    step_save(c, pk, xs, t ? rec + (t - 1) * stride : first, rec + t * stride);
  }
  for (int k = 0; k < STATE_; k += VL) st(dh1 + k, 0);
  const float *x[S], *h1[S], *h1p[S], *h2p[S], *d1[S], *d2[S];
  int s = 0;
  for (int t = c->T - 1; t >= 0; t--) {
    const float *r = rec + t * stride, *p = t ? r - stride : first, *du0 = F(DU) + ((size_t)t * c->blocks + b) * B;
    float *dG1 = sc + s * 2 * G * B, *dG2 = dG1 + G * B, du[B] __attribute__((aligned(64)));
    vf sb = ld(acc + BO_ * VL);
    for (int v = 0; v < B; v += VL) { vf d = ld(du0 + v) * c->scale; st(du + v, d); sb += d; }
    st(acc + BO_ * VL, sb);
    for (int u = 0; u < H; u++) {
      float *a = acc + (WO_ + u) * VL;
      vf w = ld(a);
      for (int v = 0; v < B; v += VL) w = mad(ld(r + (top + u) * B + v), ld(du + v), w);
      st(a, w);
    }
    if (two) {
      gate_gradient_top(H, stride, r + G2 * B, r + H2 * B, p + C2 * B, dh2, dc2, wo, du, dG2, acc + B2_ * VL);
      input_gradient(c, 1, pk + T2, dG2, dh1);
      input_gradient(c, 0, pk + T2 + H * G, dG2, dh2);
      gate_gradient_low(H, stride, r + G1 * B, r + H1 * B, p + C1 * B, dh1, dc1, dG1, acc + B1_ * VL);
    } else gate_gradient_top(H, stride, r + G1 * B, r + H1 * B, p + C1 * B, dh1, dc1, wo, du, dG1, acc + B1_ * VL);
    if (t) input_gradient(c, 0, pk + T1, dG1, dh1);
    preprocess(c, g0 + t * gstride, xs + s * X_);
    x[s] = xs + s * X_; h1p[s] = p + H1 * B; h1[s] = r + H1 * B; h2p[s] = p + H2 * B; d1[s] = dG1; d2[s] = dG2;
    if (++s == S || !t) {
      const float *gates = (t ? p : r) + G1 * B, *before = t > 1 ? p - stride : first;  // what the next step needs
      weight_gradient_x(c, x, d1, s, acc, before);
      weight_gradient(c, h1p, d1, s, acc + 2 * G * VL, gates);
      if (two) weight_gradient(c, h1, d2, s, acc + W2_ * VL, gates + 4 * H * B);
      if (two) weight_gradient(c, h2p, d2, s, acc + (W2_ + H * G) * VL, before);
      s = 0;
    }
  }
}
// Backward pass of a chunk: single-precision sums over at most 4 blocks, double-precision sums beyond. Chunks do not depend on the
// number of threads and are added in order (reduce), so neither does the result.
static void backward_chunk(const Lstm *c, int thread, int chunk, int b0, int b1) {
  UNITS;
  float *acc = F(SCRATCH) + thread * c->scratch + S * X_ + S * 2 * G * B + STATE_;
  double *out = (double *)F(PARTIAL) + (size_t)chunk * NPAR;
  for (int k = 0; k < NPAR; k++) out[k] = 0;
  for (int b = b0; b < b1;) {
    for (int k = 0; k < NPAR; k++) st(acc + k * VL, 0);
    for (int e = b + 4 < b1 ? b + 4 : b1; b < e; b++) backward(c, thread, b);
    for (int k = 0; k < NPAR; k++) out[k] += sum(ld(acc + k * VL));
  }
}
static void reduce(const Lstm *c) {
  UNITS;
  double *grad = (double *)F(GRAD), *part = (double *)F(PARTIAL);
  for (int k = 0; k < NPAR; k++) {
    int col = k % G, from = k < WO_ ? k - col + 4 * (col % H) + col / H : k;
    double s = 0;
    for (int i = 0; i < c->chunks; i++) s += part[(size_t)i * NPAR + from];
    grad[k] = s;
  }
}
static void carry(const Lstm *c, int b) {  // the last state becomes the first state of the next unroll
  UNITS;
  const float *from = state(c, c->T - 1, b);
  float *to = F(STATE0) + (size_t)b * STATE_;
  for (int k = 0; k < STATE_; k += VL) st(to + k, ld(from + k));
}

static void chunk(Lstm *c, int op, int t, int thread, int i) {
  int b0 = i * c->per_chunk, b1 = b0 + c->per_chunk < c->blocks ? b0 + c->per_chunk : c->blocks;
  if (op == BACKWARD) backward_chunk(c, thread, i, b0, b1);
  else for (int b = b0; b < b1; b++) if (op == FORWARD) forward(c, t, thread, b); else carry(c, b);
}
static void one(Lstm *c, int op) { if (op == PACK) pack(c); else reduce(c); }
void CAT(mlp, VARIANT)(char *);
float CAT(fma, VARIANT)(int);
extern const NetKernel CAT(net, VARIANT), CAT(style, VARIANT);
const Kernel CAT(lstm, VARIANT) = {TEXT(VARIANT), layout, one, chunk, CAT(mlp, VARIANT), CAT(fma, VARIANT), VL, {&CAT(net, VARIANT), &CAT(style, VARIANT)}};
