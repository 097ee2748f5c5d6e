// Direct convolution and what stands between convolutions: batch norm, ReLU, 2x2 max-pool, forward and backward; see conv.h.
// For one filter row and one input channel, neighbouring pixels read neighbouring numbers: scalars of x are broadcast, vector lanes
// are output channels, and a tile of P pixels x Q vectors stays in registers over the whole sum.
#include "conv.h"

void pack(const float *w, int k, int ci, int co, int back, float *out) {
  const int in = back ? co : ci, on = back ? ci : co;
  for (int o0 = 0; o0 < on; o0 += WIDE) for (int y = 0; y < k; y++) for (int i = 0; i < in; i++) for (int x = 0; x < k; x++)
    for (int o = o0; o < o0 + WIDE; o++) {
      const int tap = back ? (k - 1 - y) * k + k - 1 - x : y * k + x;
      *out++ = o >= on ? 0 : back ? w[(tap * ci + o) * co + i] : w[(tap * ci + i) * co + o];
    }
}

void tables(const Conv *c) {
  const int row = c->planes * c->plane;
  int32_t *tap = c->taps, *pixel = c->pixels;
  for (int y = 0; y < c->k; y++) for (int i = 0; i < c->ci; i++) for (int x = 0; x < c->k; x++) *tap++ = 4 * (y * row + i * c->plane + x);
  for (int y = 0; y < c->h; y++) for (int x = 0; x < c->w; x++) *pixel++ = 4 * (y * row + x);
}
#define AT(x, offset) (const float *)((const char *)(x) + (offset))

// The innermost loops are alone in their functions, with one tap or pixel a round: V8 unrolls nested loops, and the unrolled
// multiply-adds come in long dependent chains with all loads in front, which no longer fit into registers.
#define ALONE static __attribute__((noinline))

// n pixels of one panel
IN void tile(const int n, const Conv *c, const float *x, const float *w, const float *bias, float *z) {
  vf a[P][Q];
  const int32_t *tap = c->taps, *end = tap + c->k * c->k * c->ci;
  TILE(q, Q) { vf b = 0; if (bias) b = ld(bias + q * VL); TILE(p, n) a[p][q] = b; }
  for (; tap != end; tap++, w += WIDE) {
    const float *s = AT(x, *tap);
    vf f[Q];
    OPAQUE(s);
    TILE(q, Q) f[q] = ld(w + q * VL);
    TILE(p, n) { vf v = s[p]; TILE(q, Q) a[p][q] = mad(v, f[q], a[p][q]); }
  }
  TILE(p, n) TILE(q, Q) st(z + p * c->co + q * VL, a[p][q]);
}
ALONE void tile_full(const Conv *c, const float *x, const float *w, const float *bias, float *z) { tile(P, c, x, w, bias, z); }
ALONE void tile_8(const Conv *c, const float *x, const float *w, const float *bias, float *z) { tile(P < 8 ? P : 8, c, x, w, bias, z); }
ALONE void tile_4(const Conv *c, const float *x, const float *w, const float *bias, float *z) { tile(4, c, x, w, bias, z); }
ALONE void tile_1(const Conv *c, const float *x, const float *w, const float *bias, float *z) { tile(1, c, x, w, bias, z); }
void conv_panel(const Conv *c, const float *x, const float *panel, const float *bias, float *z, int y0, int y1) {
  for (int y = y0; y < y1; y++) for (int i = 0; i < c->w;) {
    const float *s = x + (size_t)y * c->planes * c->plane + i;
    float *to = z + ((size_t)y * c->w + i) * c->co;
    const int left = c->w - i;
    if (left >= P && !(P == 6 && left == 8)) { tile_full(c, s, panel, bias, to); i += P; }
    else if (P > 8 && left >= 8) { tile_8(c, s, panel, bias, to); i += 8; }
    else if (P > 4 && left >= 4) { tile_4(c, s, panel, bias, to); i += 4; }
    else { tile_1(c, s, panel, bias, to); i++; }
  }
}
void conv(const Conv *c, const float *x, const float *packed, const float *bias, float *z, int y0, int y1) {
  for (int o = 0; o < c->co; o += WIDE, packed += c->k * c->k * c->ci * WIDE) conv_panel(c, x, packed, bias ? bias + o : 0, z + o, y0, y1);
}

// n planes x K filter columns x Q vectors of sums in registers; `pixels` of them.
IN void dw_tile(const int n, const int K, const Conv *c, const float *x, const int32_t *at, int pixels, const float *d, float *dw) {
  vf a[4][5][Q];
  const int co = c->co, k = c->k, plane = c->plane;
  TILE(i, n) TILE(j, K) TILE(q, Q) a[i][j][q] = ld(dw + (i * k + j) * co + q * VL);
  for (const int32_t *end = at + pixels; at != end; at++, d += co) {
    const float *s = AT(x, *at);
    vf f[Q];
    OPAQUE(s);
    TILE(q, Q) f[q] = ld(d + q * VL);
    TILE(i, n) TILE(j, K) { vf v = s[i * plane + j]; TILE(q, Q) a[i][j][q] = mad(v, f[q], a[i][j][q]); }
  }
  TILE(i, n) TILE(j, K) TILE(q, Q) st(dw + (i * k + j) * co + q * VL, a[i][j][q]);
}
#define DW(name, n, K) ALONE void name(const Conv *c, const float *x, const int32_t *at, int pixels, const float *d, float *dw) { dw_tile(n, K, c, x, at, pixels, d, dw); }
#if VL == 16
DW(dw_45, 4, 5)
DW(dw_43, 4, 3)
#endif
#if defined __wasm__
DW(dw_14, 1, 4)
#else
DW(dw_15, 1, 5)
#endif
DW(dw_13, 1, 3)
DW(dw_41, 4, 1)
DW(dw_11, 1, 1)
typedef void DwTile(const Conv *, const float *, const int32_t *, int, const float *, float *);
typedef struct { const Conv *c; const float *x, *dz; float *dw; const int32_t *at; int pixels, planes; } Band;
// Filter columns from k, as many planes at once as the tile has while there are so many
IN int dw_planes(DwTile tile, const int n, int k, int i, const Band *b) {
  const Conv *c = b->c;
  for (; i + n <= b->planes; i += n) for (int o = 0; o < c->co; o += WIDE)
    tile(c, b->x + i * c->plane + k, b->at, b->pixels, b->dz + o, b->dw + ((size_t)i * c->k + k) * c->co + o);
  return i;
}
void conv_dw(const Conv *c, const float *x, const float *dz, float *dw) {
  const int all = c->h * c->w, most = 4096 / c->co + 1;  // pixels whose dz stay in the first cache
  const int whole = c->ci == c->planes;  // then the planes of all filter rows follow each other
  for (int p = 0; p < all; p += most) for (int y = 0; y < (whole ? 1 : c->k); y++) {
    const Band b = {c, x + y * c->planes * c->plane, dz + (size_t)p * c->co, dw + (size_t)y * c->ci * c->k * c->co, c->pixels + p, most < all - p ? most : all - p, whole ? c->k * c->ci : c->ci};
    if (c->k == 1) dw_planes(dw_11, 1, 0, dw_planes(dw_41, 4, 0, 0, &b), &b);
#if VL == 16
    if (c->k == 3) dw_planes(dw_13, 1, 0, dw_planes(dw_43, 4, 0, 0, &b), &b);
    if (c->k == 5) dw_planes(dw_15, 1, 0, dw_planes(dw_45, 4, 0, 0, &b), &b);
#else
    if (c->k == 3) dw_planes(dw_13, 1, 0, 0, &b);
#if defined __wasm__
    if (c->k == 5) { dw_planes(dw_14, 1, 0, 0, &b); dw_planes(dw_11, 1, 4, dw_planes(dw_41, 4, 4, 0, &b), &b); }  // a fifth column would be too many registers
#else
    if (c->k == 5) dw_planes(dw_15, 1, 0, 0, &b);
#endif
#endif
  }
}

typedef float v4 __attribute__((ext_vector_type(4)));
typedef float u4 __attribute__((ext_vector_type(4), aligned(4)));
void planar(const float *from, int n, int c, int channels, float *to, int plane) {
  for (int o = 0; o < channels; o += 4) {
    int p = 0;
    for (; p + 4 <= n; p += 4) {
      const float *s = from + p * c + o;
      v4 r0 = *(const v4 *)s, r1 = *(const v4 *)(s + c), r2 = *(const v4 *)(s + 2 * c), r3 = *(const v4 *)(s + 3 * c);
      v4 a = __builtin_shufflevector(r0, r1, 0, 4, 1, 5), b = __builtin_shufflevector(r2, r3, 0, 4, 1, 5);
      v4 d = __builtin_shufflevector(r0, r1, 2, 6, 3, 7), e = __builtin_shufflevector(r2, r3, 2, 6, 3, 7);
      float *t = to + o * plane + p;
      *(u4 *)t = __builtin_shufflevector(a, b, 0, 1, 4, 5);
      *(u4 *)(t + plane) = __builtin_shufflevector(a, b, 2, 3, 6, 7);
      *(u4 *)(t + 2 * plane) = __builtin_shufflevector(d, e, 0, 1, 4, 5);
      *(u4 *)(t + 3 * plane) = __builtin_shufflevector(d, e, 2, 3, 6, 7);
    }
    for (; p < n; p++) for (int i = o; i < o + 4; i++) to[i * plane + p] = from[p * c + i];
  }
}

void stats(const float *z, int n, int c, float *mean, float *m2) {
  enum { BAND = 64 };  // pixels that stay in the first cache for all their channels
  for (int pass = 0; pass < 2; pass++) {
    float *to = pass ? m2 : mean;
    for (int j = 0; j < c; j += VL) st(to + j, 0);
    for (int i0 = 0; i0 < n; i0 += BAND) for (int j = 0; j < c; j += VL) {
      const int i1 = i0 + BAND < n ? i0 + BAND : n;
      const vf from = ld((pass ? mean : z) + j);
      vf s[4];
      int i = i0;
      TILE(u, 4) s[u] = 0;
      if (pass) {
        for (; i + 4 <= i1; i += 4) TILE(u, 4) { vf d = ld(z + (size_t)(i + u) * c + j) - from; s[u] = mad(d, d, s[u]); }
        for (; i < i1; i++) { vf d = ld(z + (size_t)i * c + j) - from; s[0] = mad(d, d, s[0]); }
      } else {
        for (; i + 4 <= i1; i += 4) TILE(u, 4) s[u] += ld(z + (size_t)(i + u) * c + j) - from;
        for (; i < i1; i++) s[0] += ld(z + (size_t)i * c + j) - from;
      }
      st(to + j, ld(to + j) + ((s[0] + s[1]) + (s[2] + s[3])));
    }
    if (!pass) for (int j = 0; j < c; j += VL) st(mean + j, ld(z + j) + ld(mean + j) / (float)n);
  }
}

void pool(const float *z, int h, int w, int c, float *top) {
  const int row = w * c;
  for (int i = 0; i < h / 2; i++, z += 2 * row) for (int x = 0; x < w / 2; x++, top += c) for (int j = 0; j < c; j += VL) {
    const float *a = z + 2 * x * c + j, *b = a + row;
    st(top + j, larger(larger(ld(a), ld(a + c)), larger(ld(b), ld(b + c))));
  }
}
void rectify(const Norm *norm, const float *z, int n, int c, float *y) {
  const vf zero = 0;
  for (int j = 0; j < c; j += VL) {
    const vf mu = ld(norm->mu + j), r = ld(norm->r + j), beta = ld(norm->beta + j);
    for (int i = j; i < n * c; i += c) st(y + i, larger(normal(ld(z + i), mu, r, beta), zero));
  }
}
void norm_sums(const Norm *norm, const float *z, const float *g, int n, int c, float *s1, float *s2) {
  for (int j = 0; j < c; j += VL) {
    const vf mu = ld(norm->mu + j), r = ld(norm->r + j), beta = ld(norm->beta + j);
    vf a = 0, b = 0;
    for (int i = j; i < n * c; i += c) {
      vf u = ld(z + i), d = keep(normal(u, mu, r, beta) > 0, ld(g + i));
      a += d;
      b = mad(d, (u - mu) * r, b);
    }
    st(s1 + j, a); st(s2 + j, b);
  }
}
void pool_back(const Norm *norm, const float *z, const float *top, const float *g, int h, int w, int c, float *dz) {
  const int row = w * c;
  for (int i = 0; i < h / 2; i++, z += 2 * row, dz += 2 * row, top += w / 2 * c, g += w / 2 * c) for (int j = 0; j < c; j += VL) {
    const vf mu = ld(norm->mu + j), r = ld(norm->r + j), beta = ld(norm->beta + j), c0 = ld(norm->c0 + j), c1 = ld(norm->c1 + j);
    for (int x = 0; x < w / 2; x++) {
      const int at = j + x * c, from = j + 2 * x * c;
      vf u = ld(top + at), d = keep(normal(u, mu, r, beta) > 0, r * ld(g + at));
      TILE(e, 4) {
        const int o = from + (e >> 1) * row + (e & 1) * c;
        vf v = ld(z + o);
        vi won = v == u;
        st(dz + o, mad(c1, v - mu, c0) + keep(won, d));
        d = keep(~won, d);
      }
    }
    if (w % 2) for (int y = 0; y < 2; y++) { const int o = j + y * row + (w - 1) * c; st(dz + o, mad(c1, ld(z + o) - mu, c0)); }
  }
  if (h % 2) for (int j = 0; j < row; j += VL) {
    const int k = j % c;
    st(dz + j, mad(ld(norm->c1 + k), ld(z + j) - ld(norm->mu + k), ld(norm->c0 + k)));
  }
}
