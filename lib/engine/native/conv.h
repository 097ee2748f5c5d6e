// Building blocks of convolutional networks: what conv.c computes and convnet.c puts together.
#ifndef CONV_H
#define CONV_H
#include "net.h"
#include "vector.h"
// Register tiles of a convolution: P pixels x Q vectors of output channels. Filters are packed in panels of WIDE channels, and
// every [pixel][channel] array has its channels padded to a multiple of WIDE; weights of the padding are 0.
#if VL == 16
enum { P = 16, Q = 1 };
#elif VL == 8
enum { P = 6, Q = 2 };
#elif defined __aarch64__
enum { P = 4, Q = 4 };
#else
enum { P = 4, Q = 2 };  // V8: with a larger tile registers spill
#endif
enum { WIDE = Q * VL };
IN int wide(int channels) { return (channels + WIDE - 1) / WIDE * WIDE; }

// A convolution of stride 1, SAME, k = 1, 3 or 5. Its input has a border of zeros of k / 2 pixels, so that there is no border case, and
// planes of pixels, so that for every number of channels the pixels of a tile are neighbours: x [h + k - 1][planes][plane], of which
// ci planes count, plane >= w + k - 1. Its result is z [h][w][co], co a multiple of WIDE.
typedef struct {
  int k, h, w, ci, co, planes, plane;
  int32_t *taps, *pixels;  // byte offsets in x: of a filter's [k][ci][k] numbers from its first; of the [h][w] filters' first
} Conv;

#define pack CAT(conv_pack, VARIANT)
#define conv CAT(conv, VARIANT)
#define conv_panel CAT(conv_panel, VARIANT)
#define winograd_fits CAT(winograd_fits, VARIANT)
#define winograd_layout CAT(winograd_layout, VARIANT)
#define winograd_room CAT(winograd_room, VARIANT)
#define winograd_pack CAT(winograd_pack, VARIANT)
#define winograd CAT(winograd, VARIANT)
#define conv_dw CAT(conv_dw, VARIANT)
#define tables CAT(conv_tables, VARIANT)
#define planar CAT(conv_planar, VARIANT)
#define stats CAT(conv_stats, VARIANT)
#define pool CAT(conv_pool, VARIANT)
#define rectify CAT(conv_rectify, VARIANT)
#define pool_back CAT(conv_pool_back, VARIANT)
#define norm_sums CAT(conv_norm_sums, VARIANT)
void tables(const Conv *c);  // fills them
static inline Conv with_tables(Room *r, Conv c) {
  c.taps = take(r, 4 * c.k * c.k * c.ci); c.pixels = take(r, 4 * c.h * c.w);
  if (r->base) tables(&c);
  return c;
}
// Filters w [k][k][ci][co] in panels [panel][ky][input][kx][WIDE]; back: those of the input gradient, rotated, inputs and outputs exchanged.
void pack(const float *w, int k, int ci, int co, int back, float *out);
// Rows y0 ... y1 of z = bias + filters * x; bias [co] or 0.
void conv(const Conv *c, const float *x, const float *packed, const float *bias, float *z, int y0, int y1);
// The same for one panel, its bias and its first channel in z.
void conv_panel(const Conv *c, const float *x, const float *panel, const float *bias, float *z, int y0, int y1);
// The same for k = 3, even h and w, and enough channels: winograd.c. Filters as given to `pack`; o0 ... o1: channels, whole panels;
// y0, y1 even.
typedef struct { Conv product; float *filters; } Winograd;
int winograd_fits(int h, int w, int ci, int co);
void winograd_layout(Room *r, const Conv *c, Winograd *g);
size_t winograd_room(const Conv *c);  // floats, for each thread
void winograd_pack(const float *w, int ci, int co, int back, float *out);
void winograd(const Conv *c, const Winograd *g, const float *x, const float *bias, float *z, int o0, int o1, int y0, int y1, float *room);
// dw [ky][input][kx][co] += sum over the pixels of x dz, dz [h][w][co]
void conv_dw(const Conv *c, const float *x, const float *dz, float *dw);
// n pixels [n][c] to planes [channels][plane]
void planar(const float *from, int n, int c, int channels, float *to, int plane);

// Batch norm, offset only, y = (z - mu) r + beta, r = 1 / sqrt(variance + epsilon); arrays of c channels. The gradient of z is
// r (dy - mean dy - (z - mu) r mean(dy (z - mu) r)) = r dy + c0 + c1 (z - mu).
typedef struct { float *mu, *r, *beta, *c0, *c1; } Norm;
// Mean and sum of squared deviations of n pixels; 0 to the last bit where all are equal.
void stats(const float *z, int n, int c, float *mean, float *m2);
// 2x2 max-pool of one picture [h][w][c], an odd last row or column left out. It may come before norm and ReLU, which keep the order.
void pool(const float *z, int h, int w, int c, float *top);
// y = max(0, norm(z)) of n pixels
void rectify(const Norm *norm, const float *z, int n, int c, float *y);
// dz of one picture, z before the pooling and top behind it; g [h / 2][w / 2][c], the gradient of the pooled; goes to the first of several equal winners
void pool_back(const Norm *norm, const float *z, const float *top, const float *g, int h, int w, int c, float *dz);
// Sums over n pixels of dy = g [y > 0], and of dy (z - mu) r
void norm_sums(const Norm *norm, const float *z, const float *g, int n, int c, float *s1, float *s2);

IN vf larger(vf a, vf b) {  // a NaN in the first stays
#if defined __wasm__
  return __builtin_wasm_pmax_f32x4(a, b);
#else
  return a < b ? b : a;
#endif
}
IN vf normal(vf z, vf mu, vf r, vf beta) { return mad(z - mu, r, beta); }
IN vf keep(vi mask, vf a) { return (vf)(mask & (vi)a); }
#endif
