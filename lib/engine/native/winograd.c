// Convolution of 3 x 3 with 16 products for each 2 x 2 pixels instead of 36: F(2 x 2, 3 x 3) of Lavin & Gray, "Fast algorithms for
// convolutional neural networks", CVPR 2016, eq. 7-8 and section 4.1.
//   U = G g G',   V = B' d B of 4 x 4 pixels d,   z = A' [sum over inputs of U * V] A
//   B' = 1 0 -1 0    G =  1   0   0    A' = 1 1  1  0
//        0 1  1 0        1/2 1/2 1/2        0 1 -1 -1
//        0 -1 1 0        1/2 -1/2 1/2
//        0 1  0 -1        0   0   1
// Each of the 16 places in a tile is a product of matrices, tiles x inputs x outputs: a 1 x 1 convolution whose pixels are tiles.
#include "conv.h"
enum { PLACES = 16, TILES = 32 };  // tiles at once, whose V and sums stay in the second cache

// In smaller layers the transforms cost what the products save; measured.
int winograd_fits(int h, int w, int ci, int co) { return h % 2 == 0 && w % 2 == 0 && ci >= 32 && co >= 32 && (double)h * w * ci * co >= 1 << 23; }
static int rows_of(const Conv *c) { return c->w < 2 * TILES ? 2 * TILES / c->w : 1; }  // of tiles

void winograd_layout(Room *r, const Conv *c, Winograd *g) {
  const int tiles = rows_of(c) * c->w / 2;
  g->product = with_tables(r, (Conv){1, 1, tiles, c->ci, WIDE, c->ci, tiles, 0, 0});
  g->filters = floats(r, (size_t)PLACES * c->ci * c->co);
}

// Filters [panel][place][input][WIDE]
void winograd_pack(const float *w, int ci, int co, int back, float *out) {
  const int in = back ? co : ci, on = back ? ci : co, apart = in * WIDE;
  for (int o = 0; o < on; o++) for (int i = 0; i < in; i++) {
    float half[4][3], *to = out + (size_t)PLACES * apart * (o / WIDE) + i * WIDE + o % WIDE;
    for (int x = 0; x < 3; x++) {
      float g[3];
      for (int y = 0; y < 3; y++) {
        const int tap = back ? 8 - 3 * y - x : 3 * y + x;
        g[y] = back ? w[(tap * ci + o) * co + i] : w[(tap * ci + i) * co + o];
      }
      half[0][x] = g[0]; half[1][x] = 0.5f * (g[0] + g[1] + g[2]); half[2][x] = 0.5f * (g[0] - g[1] + g[2]); half[3][x] = g[2];
    }
    for (int y = 0; y < 4; y++, to += 4 * apart) {
      const float *g = half[y];
      to[0] = g[0]; to[apart] = 0.5f * (g[0] + g[1] + g[2]); to[2 * apart] = 0.5f * (g[0] - g[1] + g[2]); to[3 * apart] = g[2];
    }
  }
}

typedef float uf __attribute__((ext_vector_type(VL), aligned(4)));
IN vf ldu(const float *p) { return *(const uf *)p; }
IN void stu(float *p, vf v) { *(uf *)p = v; }
#if VL == 16
#define FIRSTS 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
#define SECONDS 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31
#elif VL == 8
#define FIRSTS 0, 2, 4, 6, 8, 10, 12, 14
#define SECONDS 1, 3, 5, 7, 9, 11, 13, 15
#else
#define FIRSTS 0, 2, 4, 6
#define SECONDS 1, 3, 5, 7
#endif
// B' d of pairs of pixels, the firsts and the seconds of the pairs apart; t: [4][2][room_of_row(n)].
IN void down(int i, const float *x, size_t row, int size, float *t) {
  vf r[4][2];
  TILE(y, 4) TILE(u, 2) r[y][u] = ldu(x + y * row + 2 * i + u * VL);
  TILE(y, 4) {
    vf b[2];
    TILE(u, 2) b[u] = y == 0 ? r[0][u] - r[2][u] : y == 1 ? r[1][u] + r[2][u] : y == 2 ? r[2][u] - r[1][u] : r[1][u] - r[3][u];
    stu(t + 2 * y * size + i, __builtin_shufflevector(b[0], b[1], FIRSTS));
    stu(t + (2 * y + 1) * size + i, __builtin_shufflevector(b[0], b[1], SECONDS));
  }
}
static int room_of_row(int n) { return (n + VL) / VL * VL + VL; }
static size_t apart_of(const Conv *c) { return (size_t)rows_of(c) * c->w / 2 * c->ci + VL; }  // of two places' V
size_t winograd_room(const Conv *c) { return PLACES * (apart_of(c) + (size_t)rows_of(c) * c->w / 2 * WIDE) + 8 * room_of_row(c->w / 2); }
// V of n neighbouring tiles of one plane, in whole vectors; places are `apart` numbers apart.
static void tiles_of(const float *x, size_t row, int n, float *t, float *v, size_t apart) {
  const int size = room_of_row(n);
  for (int i = 0; i <= n; i += VL) down(i, x, row, size, t);
  TILE(y, 4) for (int i = 0; i < n; i += VL) {
    const float *e = t + 2 * y * size + i, *o = e + size;
    vf a = ldu(e), b = ldu(o), c = ldu(e + 1), d = ldu(o + 1);
    float *to = v + 4 * y * apart + i;
    stu(to, a - c); stu(to + apart, b + c); stu(to + 2 * apart, c - b); stu(to + 3 * apart, b - d);
  }
}
// A row of n tiles: z = bias + A' m A
static void pixels_of(const float *m, size_t apart, int n, const float *bias, float *z, int co, int w) {
  for (int i = 0; i < n; i++, m += WIDE, z += 2 * co) TILE(q, Q) {
    vf s[4], d[4], b = 0;
    if (bias) b = ld(bias + q * VL);
    TILE(y, 4) {
      const float *from = m + 4 * y * apart + q * VL;
      vf one = ld(from + apart), two = ld(from + 2 * apart);
      s[y] = ld(from) + one + two; d[y] = one - two - ld(from + 3 * apart);
    }
    float *to = z + q * VL, *below = to + (size_t)w * co;
    st(to, b + (s[0] + s[1] + s[2])); st(to + co, b + (d[0] + d[1] + d[2]));
    st(below, b + (s[1] - s[2] - s[3])); st(below + co, b + (d[1] - d[2] - d[3]));
  }
}
void winograd(const Conv *c, const Winograd *g, const float *x, const float *bias, float *z, int o0, int o1, int y0, int y1, float *room) {
  const int n = c->w / 2, all = g->product.plane, step = rows_of(c);
  const size_t row = (size_t)c->planes * c->plane, apart = apart_of(c), sums = (size_t)all * WIDE, size = (size_t)c->ci * WIDE;
  float *v = room, *m = v + PLACES * apart, *t = m + PLACES * sums;
  for (int y = y0; y < y1; y += 2 * step) {
    const int left = (y1 - y) / 2, rows = left < step ? left : step;
    Conv product = g->product;
    product.w = rows * n;
    for (int i = 0; i < c->ci; i++) for (int k = 0; k < rows; k++)
      tiles_of(x + (y + 2 * k) * row + (size_t)i * c->plane, row, n, t, v + (size_t)i * all + k * n, apart);
    for (int o = o0; o < o1; o += WIDE) {
      const float *filters = g->filters + PLACES * size * (o / WIDE);
      for (int place = 0; place < PLACES; place++) conv_panel(&product, v + place * apart, filters + place * size, 0, m + place * sums, 0, 1);
      for (int k = 0; k < rows; k++) pixels_of(m + k * n * WIDE, sums, n, bias ? bias + o : 0, z + (size_t)(y + 2 * k) * c->w * c->co + o, c->co, c->w);
    }
  }
}
