// Loss of neural art and its gradient with respect to the picture (§3.4 of the paper), for one picture theta [h][w][3]:
//   X_0 = scale theta - mean,   A_l = max(0, filters_l * X_l-1 + bias_l),   X_l = A_l, or the averages of 2x2 of it
//   G_l = A_l' A_l / pixels,   loss = sum of w_l |G_l - target_l|^2 + w |A_c - target_c|^2 + v (squared steps between neighbouring pixels)
// and back: D_l = [A_l > 0] (what the next layer hands down + 4 w_l / pixels A_l (G_l - target_l) + 2 w (A_c - target_c)).
//
// Forward through one convolution is a step, then all Gram matrices, then D of the deepest layer, then backward through one
// convolution, which also makes D of the layer before. A step is cut into bands of rows times groups of channels, a Gram matrix
// into panels, and sums of pieces are added in order: the same bits for any number of threads.
#include "conv.h"
#define FOR(i, n) for (int i = 0; i < (n); i++)
enum { CHUNKS = 16, BLOCK_OF_PIXELS = 1024 };  // so many products are added up before they go to the sum of the others

typedef struct { float fresh, scale, mean[3], variation, content, styles[MAX_FEATURES]; } Numbers;  // the caller's; fresh: 1 new targets, 2 also new weights
enum { NUMBERS = 64 };                // room for them; then the targets: [h][w][channels] of the content, [channels][channels] of each style
typedef struct {
  int ci, co, place, halved, read;    // channels; its place among the features; whether a halving follows, whether its planes are read
  Conv conv, back;                    // the second: from D to the gradient of X
  int tiled;                          // whether both go by Winograd's tiles, with the filters of the next two instead of `packed`
  Winograd onward, homeward;
  Conv product, spread;               // pixels times channels; A times a matrix [channels][channels]
  const float *kernel, *bias;         // the caller's
  float *packed, *packed_back, *biases;
  float *a, *d;                       // A [h][w][co]; D as planes with a border
  float *planes, *averages;           // A, and its averages where a halving follows, likewise
  float *rows, *target, *slope;       // of a style in panels: A [panel][pixel][WIDE]; target and G - target [panel][channel][WIDE]
  double *losses;                     // of each panel
} Layer;
typedef struct Art {
  Layer layer[MAX_FEATURES];
  int layers;
  Layer *content;
  float *x, *g, *spread, *target;     // X_0 as planes; gradient of X_l [h][w][channels]; A times slope; content's target [h][w][co]
  float **scratch, **room;            // of each thread; the second for Winograd's tiles
  double contents[CHUNKS], variations[CHUNKS];
} Art;

static Numbers *numbers_of(const Net *n) { return (Numbers *)(n->base + n->at[TARGETS]); }
static float *array_of(const Net *n, int field) { return (float *)(n->base + n->at[field]); }

static size_t layout(Net *n) {
  Art nowhere;
  Room r = {n->base, 0};
  Art *p = take(&r, sizeof *p);
  if (n->base) n->art = p; else p = &nowhere;
  n->chunks = CHUNKS;
  int h = n->height, w = n->width, ci = 3, L = 0;
  size_t weights = 0, targets = NUMBERS, most = 0, wide_row = 0, room = 0;
  FOR(f, n->features) {
    const int c = n->widths[f];
    if (!c) { h /= 2; w /= 2; continue; }
    weights += (size_t)9 * ci * c + c;
    if (n->content == f) targets += (size_t)h * w * c;
    if (n->styles >> f & 1) targets += (size_t)c * c;
    ci = c;
  }
  const size_t pixels = (size_t)n->height * n->width;
  char *fields[] = {take(&r, 4 * weights), take(&r, 4 * targets), take(&r, 12 * pixels), take(&r, 12 * pixels), take(&r, 4)};
  FOR(i, NET_FIELDS) n->at[i] = (size_t)(fields[i] - n->base);
  const float *given = (float *)fields[WEIGHTS];
  h = n->height; w = n->width; ci = 3;
  int planes = 3;
  p->content = 0; p->target = 0;
  p->x = floats(&r, (size_t)(h + 2) * (w + 2) * 3);
  FOR(f, n->features) {
    const int c = n->widths[f], co = wide(c), half = f + 1 < n->features && !n->widths[f + 1], style = n->styles >> f & 1;
    if (!c) { h /= 2; w /= 2; continue; }
    Layer *a = p->layer + L++;
    const size_t all = (size_t)h * w * co, bordered = (size_t)(h + 2) * (w + 2) * co;
    *a = (Layer){.ci = ci, .co = co, .place = f, .halved = half, .read = style || (!half && f + 1 < n->features)};
    a->conv = with_tables(&r, (Conv){3, h, w, ci, co, planes, w + 2, 0, 0});
    a->back = with_tables(&r, (Conv){3, h, w, c, planes == 3 ? wide(3) : planes, co, w + 2, 0, 0});
    a->kernel = given; given += (size_t)9 * ci * c;
    a->bias = given; given += c;
    a->biases = floats(&r, co);
    a->tiled = winograd_fits(h, w, ci, c);
    if (a->tiled) {
      winograd_layout(&r, &a->conv, &a->onward); winograd_layout(&r, &a->back, &a->homeward);
      if (winograd_room(&a->conv) > room) room = winograd_room(&a->conv);
      if (winograd_room(&a->back) > room) room = winograd_room(&a->back);
    } else { a->packed = floats(&r, (size_t)9 * ci * co); a->packed_back = floats(&r, (size_t)9 * c * a->back.co); }
    a->a = floats(&r, all); a->d = floats(&r, bordered);
    if (a->read) a->planes = floats(&r, bordered);
    if (half) a->averages = floats(&r, (size_t)(h / 2 + 2) * (w / 2 + 2) * co);
    if (n->content == f) { p->content = a; p->target = floats(&r, all); }
    if (style) {
      const int block = h * w < BLOCK_OF_PIXELS ? h * w : BLOCK_OF_PIXELS;
      a->product = with_tables(&r, (Conv){1, 1, co, block, WIDE, block, co, 0, 0});
      a->spread = with_tables(&r, (Conv){1, h, w, c, co, co, w + 2, 0, 0});
      a->rows = floats(&r, all); a->target = floats(&r, (size_t)co * co); a->slope = floats(&r, (size_t)co * co);
      a->losses = take(&r, 8 * (co / WIDE));
    }
    if (all > most) most = all;
    if ((size_t)h * w * a->back.co > most) most = (size_t)h * w * a->back.co;
    if ((size_t)w * co > wide_row) wide_row = (size_t)w * co;
    if ((size_t)co * WIDE > wide_row) wide_row = (size_t)co * WIDE;
    ci = c; planes = co;
  }
  p->layers = L;
  n->steps = 2 * L + 2;
  p->g = floats(&r, most); p->spread = floats(&r, most);
  p->scratch = take(&r, n->threads * sizeof *p->scratch);
  p->room = take(&r, n->threads * sizeof *p->room);
  FOR(t, n->threads) { float *s = floats(&r, wide_row), *more = floats(&r, room); if (n->base) { p->scratch[t] = s; p->room[t] = more; } }
  return r.end;
}

// Rows and channels of a piece: deep layers have many channels and few rows.
typedef struct { int y0, y1, o0, o1; } Part;
static Part part(int i, int h, int panels, int pairs) {
  int groups = 4 * CHUNKS / h;
  if (groups > panels) groups = panels;
  if (groups > CHUNKS) groups = CHUNKS;
  if (groups < 1) groups = 1;
  const int bands = CHUNKS / groups, b = i / groups, g = i % groups;
  if (b >= bands) return (Part){0, 0, 0, 0};
  Part p = {h * b / bands, h * (b + 1) / bands, panels * g / groups * WIDE, panels * (g + 1) / groups * WIDE};
  if (pairs) { p.y0 &= ~1; if (b < bands - 1) p.y1 &= ~1; }
  return p;
}
static float *inner(float *planes, const Conv *c, int y, int o) { return planes + ((size_t)(y + 1) * c->planes + o) * c->plane + 1; }
// Adds the squares of vector i; single precision adds up no more than 64 of them.
IN void add_square(vf e, int i, vf *some, double *all) {
  *some = mad(e, e, *some);
  if (i % 64 == 63) { *all += sum(*some); *some = 0; }
}

static void forward(Net *n, int l, int thread, int chunk) {
  Art *p = n->art;
  Layer *a = p->layer + l;
  const Conv *c = &a->conv, *to = &a->back;  // whose input planes are like those of A
  const float *x = !l ? p->x : a[-1].halved ? a[-1].averages : a[-1].planes;
  const int h = c->h, w = c->w, co = c->co;
  const Part t = part(chunk, h, co / WIDE, a->halved || a->tiled);
  const vf zero = 0;
  const size_t size = (size_t)9 * a->ci * WIDE, pixels = (size_t)h * w;
  if (a->tiled) winograd(c, &a->onward, x, a->biases, a->a, t.o0, t.o1, t.y0, t.y1, p->room[thread]);
  for (int o = t.o0; o < t.o1; o += WIDE) {
    if (!a->tiled) conv_panel(c, x, a->packed + o / WIDE * size, a->biases + o, a->a + o, t.y0, t.y1);
    for (size_t i = (size_t)t.y0 * w; i < (size_t)t.y1 * w; i++) TILE(q, Q) {
      float *z = a->a + i * co + o + q * VL;
      const vf v = larger(ld(z), zero);
      st(z, v);
      if (a->rows) st(a->rows + (o / WIDE * pixels + i) * WIDE + q * VL, v);
    }
  }
  if (a->read) for (int y = t.y0; y < t.y1; y++) planar(a->a + (size_t)y * w * co + t.o0, w, co, t.o1 - t.o0, inner(a->planes, to, y, t.o0), w + 2);
  if (a->halved) {
    const int half = w / 2, group = t.o1 - t.o0;
    float *mean = p->scratch[thread];
    for (int y = t.y0; y + 1 < t.y1; y += 2) {
      FOR(i, half) for (int j = 0; j < group; j += VL) {
        const float *s = a->a + ((size_t)y * w + 2 * i) * co + t.o0 + j, *below = s + w * co;
        st(mean + i * group + j, ((ld(s) + ld(s + co)) + (ld(below) + ld(below + co))) * 0.25f);
      }
      planar(mean, half, group, group, a->averages + ((size_t)(y / 2 + 1) * co + t.o0) * (half + 2) + 1, half + 2);
    }
  }
  if (a != p->content) return;
  double all = 0;
  vf some = 0;
  for (int i = t.y0 * w, k = 0; i < t.y1 * w; i++) for (int j = t.o0; j < t.o1; j += VL)
    add_square(ld(a->a + (size_t)i * co + j) - ld(p->target + (size_t)i * co + j), k++, &some, &all);
  p->contents[chunk] = all + sum(some);
}

// The panels of all Gram matrices, dealt out in turn.
static void grams(Net *n, int thread, int chunk) {
  Art *p = n->art;
  int dealt = 0;
  FOR(l, p->layers) {
    Layer *a = p->layer + l;
    if (!a->rows) continue;
    const int pixels = a->conv.h * a->conv.w, co = a->co;
    const float coefficient = 4 * numbers_of(n)->styles[a->place] / pixels;
    FOR(panel, co / WIDE) {
      if (dealt++ % CHUNKS != chunk) continue;
      const float *rows = a->rows + (size_t)panel * pixels * WIDE, *target = a->target + (size_t)panel * co * WIDE;
      float *to = a->slope + (size_t)panel * co * WIDE, *some = p->scratch[thread];
      for (int i = 0; i < pixels; i += BLOCK_OF_PIXELS) {
        Conv c = a->product;
        if (pixels - i < c.ci) c.ci = pixels - i;
        conv_panel(&c, a->a + (size_t)i * co, rows + (size_t)i * WIDE, 0, i ? some : to, 0, 1);
        if (i) FOR(k, co * Q) st(to + k * VL, ld(to + k * VL) + ld(some + k * VL));
      }
      double all = 0;
      vf part = 0;
      FOR(k, co * Q) {
        const vf e = ld(to + k * VL) * (1.f / pixels) - ld(target + k * VL);
        add_square(e, k, &part, &all);
        st(to + k * VL, coefficient * e);
      }
      a->losses[panel] = all + sum(part);
    }
  }
}

// D of a layer in some rows and channels; from: gradient handed down to X_l [h][w][co], 0 for the deepest layer.
static void gather(Net *n, Layer *a, int thread, Part t, const float *from) {
  Art *p = n->art;
  const int h = a->conv.h, w = a->conv.w, co = a->co, group = t.o1 - t.o0, half = w / 2;
  const float twice = 2 * numbers_of(n)->content;
  const vf zero = 0;
  float *d = p->scratch[thread];
  if (a->rows) for (int o = t.o0; o < t.o1; o += WIDE)
    conv_panel(&a->spread, inner(a->planes, &a->back, 0, 0), a->slope + (size_t)o * co, 0, p->spread + o, t.y0, t.y1);
  for (int y = t.y0; y < t.y1; y++) {
    FOR(i, w) for (int j = 0; j < group; j += VL) {
      const size_t at = ((size_t)y * w + i) * co + t.o0 + j;
      const int outside = a->halved && (y / 2 >= h / 2 || i / 2 >= half);  // an odd last row or column is in no average
      vf g = !from || outside ? zero : a->halved ? ld(from + ((size_t)(y / 2) * half + i / 2) * co + t.o0 + j) * 0.25f : ld(from + at);
      const vf v = ld(a->a + at);
      if (a->rows) g += ld(p->spread + at);
      if (a == p->content) g = mad((vf)twice, v - ld(p->target + at), g);
      st(d + i * group + j, keep(v > 0, g));
    }
    planar(d, w, group, group, inner(a->d, &a->back, y, t.o0), w + 2);
  }
}

// Rows of the picture's gradient from that of X_0, and their part of the variation.
static double finish(Net *n, int y0, int y1) {
  const Numbers *k = numbers_of(n);
  const float *theta = array_of(n, THETA), *g = n->art->g;
  float *gradient = array_of(n, GRADIENT);
  const int h = n->height, w = n->width, row = 3 * w, step = n->art->layer[0].back.co;
  double sum = 0;
  for (int y = y0; y < y1; y++) FOR(x, w) FOR(c, 3) {
    const float *t = theta + (size_t)y * row + 3 * x + c, v = *t;
    const float down = y + 1 < h ? t[row] - v : 0, right = x + 1 < w ? t[3] - v : 0, up = y ? v - t[-row] : 0, left = x ? v - t[-3] : 0;
    sum += down * down + right * right;
    gradient[t - theta] = k->scale * g[((size_t)y * w + x) * step + (n->bgr ? 2 - c : c)] + 2 * k->variation * ((up - down) + (left - right));
  }
  return sum;
}
static void backward(Net *n, int l, int thread, int chunk) {
  Art *p = n->art;
  Layer *a = p->layer + l, *before = a - 1;
  const Conv *c = &a->back;
  const int h = c->h;
  Part t = part(chunk, h, c->co / WIDE, a->tiled);
  const size_t size = (size_t)9 * c->ci * WIDE;
  if (a->tiled) winograd(c, &a->homeward, a->d, 0, p->g, t.o0, t.o1, t.y0, t.y1, p->room[thread]);
  else for (int o = t.o0; o < t.o1; o += WIDE) conv_panel(c, a->d, a->packed_back + o / WIDE * size, 0, p->g + o, t.y0, t.y1);
  if (!l) { p->variations[chunk] = finish(n, t.y0, t.y1); return; }
  if (before->halved) { t.y1 = t.y1 == h ? before->conv.h : 2 * t.y1; t.y0 *= 2; }
  gather(n, before, thread, t, p->g);
}

// New targets, padded, and new weights, packed.
static void prepare(Net *n) {
  Art *p = n->art;
  const Numbers *k = numbers_of(n);
  const float *given = (const float *)k + NUMBERS;
  if (p->content) {
    const int real = n->widths[n->content], co = p->content->co;
    FOR(i, p->content->conv.h * p->content->conv.w) FOR(j, real) p->target[(size_t)i * co + j] = *given++;
  }
  FOR(l, p->layers) {
    Layer *a = p->layer + l;
    const int real = n->widths[a->place];
    if (a->rows) FOR(i, real) FOR(j, real) a->target[((size_t)(j / WIDE) * a->co + i) * WIDE + j % WIDE] = *given++;
    if (k->fresh < 2) continue;
    if (a->tiled) { winograd_pack(a->kernel, a->ci, real, 0, a->onward.filters); winograd_pack(a->kernel, a->ci, real, 1, a->homeward.filters); }
    else { pack(a->kernel, 3, a->ci, real, 0, a->packed); pack(a->kernel, 3, a->ci, real, 1, a->packed_back); }
    FOR(j, real) a->biases[j] = a->bias[j];
  }
}
static void begin(Net *n) {
  Numbers *k = numbers_of(n);
  if (k->fresh > 0) prepare(n);
  k->fresh = 0;
  const float *theta = array_of(n, THETA);
  FOR(y, n->height) FOR(x, n->width) FOR(c, 3)
    inner(n->art->x, &n->art->layer[0].conv, y, c)[x] = k->scale * theta[((size_t)y * n->width + x) * 3 + (n->bgr ? 2 - c : c)] - k->mean[c];
}
static void end(Net *n) {
  const Art *p = n->art;
  const Numbers *k = numbers_of(n);
  double content = 0, variation = 0, loss = 0;
  FOR(l, p->layers) {
    const Layer *a = p->layer + l;
    double sum = 0;
    if (a->rows) FOR(i, a->co / WIDE) sum += a->losses[i];
    if (a->rows) loss += k->styles[a->place] * sum;
  }
  FOR(i, CHUNKS) { content += p->contents[i]; variation += p->variations[i]; }
  *array_of(n, LOSS) = (float)(loss + k->content * content + k->variation * variation);
}

static void one(Net *n, int step) {
  if (step == 0) begin(n);
  if (step == n->steps) end(n);
}
// Steps 0 ... L - 1: forward; L: Gram matrices; L + 1: D of the deepest layer; then backward, the deepest first.
static void chunk(Net *n, int step, int thread, int i) {
  const int L = n->art->layers;
  Layer *deepest = n->art->layer + L - 1;
  if (step < L) forward(n, step, thread, i);
  else if (step == L) grams(n, thread, i);
  else if (step == L + 1) gather(n, deepest, thread, part(i, deepest->conv.h, deepest->co / WIDE, 0), 0);
  else backward(n, 2 * L + 1 - step, thread, i);
}
const NetKernel CAT(style, VARIANT) = {layout, one, chunk};
