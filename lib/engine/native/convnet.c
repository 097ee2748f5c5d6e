// Loss and gradient of a convolutional classifier on a minibatch (§3.3 of the paper), batch norm with the statistics of the minibatch:
//   X_0 = pixels / 255,   Z_l = filters_l * X_l + bias_l,   X_l+1 = pool(max(0, norm(Z_l)))                     convolutions
//   where pools[l] is not 0; X_l+1 = max(0, norm(Z_l)) elsewhere. `average`: Y_0 is the mean over the pixels of the last X.
//   Z_d = W_d' Y_d + b_d,   Y_d+1 = max(0, norm(Z_d)),   softmax cross-entropy of the last Z_d, mean over examples
// theta: for each layer kernel, bias, offset of the norm; the last layer has no norm. A bias in front of a norm has gradient 0.
//
// Work is cut into steps with a barrier after each, because a norm needs all pictures: forward through one convolution, everything
// behind the convolutions on one thread, backward through one convolution. Pictures are cut into groups, and the sums of
// groups are added in order: the same bits for any number of threads.
#include "conv.h"
#define FOR(i, n) for (int i = 0; i < (n); i++)
enum { GROUPS = 16 };

typedef struct {
  Conv conv, back;                  // the second: from the gradient of z to that of the input
  const float *kernel, *bias;       // in theta
  float *packed, *packed_back, *biases;
  Norm norm;
  int out;                          // pixels behind the pooling
  float *x, *z, *top, *g;           // of every picture: input, convolution, winners of the pooling (or z itself), gradient of the pooled
  float *mean, *m2, *s1, *s2;       // of every picture
  float *dw;                        // of every group
} Layer;
typedef struct {
  int in, from, outputs;            // rows of x; a block of `from` of them has `real` rows of theta
  int real;
  Conv conv, back;
  const float *kernel, *bias;
  float *packed, *packed_back, *biases, *dw;
  Norm norm;
  float *x, *z, *g, *d;             // [in][plane]; [batch][outputs] twice; the gradient of z as planes
  float *s1, *s2;                   // sums over the batch
} Dense;
typedef struct { float *rectified, *dz, *planes[MAX_CONVS]; } Scratch;  // of one picture
typedef struct Parts {
  Layer layer[MAX_CONVS];
  Dense dense[MAX_DENSE];
  float *features;                  // [batch][pixels of the last pooling][channels]
  float *ahead;                     // their gradient, or that of a dense layer's input
  Scratch *scratch;
  int plane;                        // examples, padded
} Parts;

static Norm norm_of(Room *r, int c) { return (Norm){floats(r, c), floats(r, c), floats(r, c), floats(r, c), floats(r, c)}; }

static size_t layout(Net *n) {
  Parts nowhere;
  Room r = {n->base, 0};
  const int N = n->batch, k = n->kernel;
  Parts *p = take(&r, sizeof *p);
  if (n->base) n->parts = p; else p = &nowhere;
  Scratch *scratch = take(&r, n->threads * sizeof *scratch);
  size_t size = 0;
  int side = n->side, ci = n->channels, planes = ci;
  n->chunks = N < GROUPS ? N : GROUPS;
  n->steps = 2 * n->convs + 1;
  FOR(l, n->convs) size += (size_t)k * k * (l ? n->filters[l - 1] : ci) * n->filters[l] + 2 * n->filters[l];
  FOR(l, n->convs) side /= n->pools[l] ? 2 : 1;
  const int pixels = n->average ? 1 : side * side;
  FOR(d, n->denses) size += (size_t)(d ? n->units[d - 1] : pixels * n->filters[n->convs - 1]) * n->units[d] + (d < n->denses - 1 ? 2 : 1) * n->units[d];
  const int plane = (N + 63) & ~63;
  char *fields[] = {take(&r, (size_t)N * n->side * n->side * ci), take(&r, 4 * plane), take(&r, 4 * size), take(&r, 4 * size), take(&r, 4)};
  FOR(i, NET_FIELDS) n->at[i] = (size_t)(fields[i] - n->base);
  const float *theta = (float *)fields[THETA];
  Scratch one = {0};
  size_t largest = 0, most = 0;
  size_t of_planes[MAX_CONVS] = {0};
  side = n->side;
  FOR(l, n->convs) {
    Layer *a = p->layer + l;
    const int co = n->filters[l], w = wide(co), half = n->pools[l] ? side / 2 : side;
    const size_t all = (size_t)N * side * side, pooled = (size_t)N * half * half * w;
    a->conv = with_tables(&r, (Conv){k, side, side, ci, w, planes, side + k - 1, 0, 0});
    a->back = with_tables(&r, (Conv){k, side, side, co, planes, w, side + k - 1, 0, 0});
    a->kernel = theta; theta += (size_t)k * k * ci * co;
    a->bias = theta; theta += 2 * co;
    a->packed = floats(&r, k * k * ci * w); a->packed_back = floats(&r, k * k * co * planes);
    a->biases = floats(&r, w); a->norm = norm_of(&r, w);
    a->x = floats(&r, (size_t)N * (side + k - 1) * (side + k - 1) * planes);
    a->out = half * half;
    a->z = floats(&r, all * w); a->top = n->pools[l] ? floats(&r, pooled) : a->z; a->g = floats(&r, pooled);
    a->mean = floats(&r, N * w); a->m2 = floats(&r, N * w); a->s1 = floats(&r, N * w); a->s2 = floats(&r, N * w);
    a->dw = floats(&r, (size_t)n->chunks * k * k * ci * w);
    if ((size_t)side * side * w > largest) largest = (size_t)side * side * w;
    if ((size_t)half * half * w > most) most = (size_t)half * half * w;
    if (l) of_planes[l] = (size_t)(side + k - 1) * (side + k - 1) * w;
    ci = co; planes = w; side = half;
  }
  int in = pixels * planes, from = planes, real = ci;
  size_t widest = in;
  FOR(d, n->denses) {
    Dense *a = p->dense + d;
    const int o = n->units[d], w = wide(o), last = d == n->denses - 1;
    *a = (Dense){.in = in, .from = from, .real = real, .outputs = o};
    a->conv = with_tables(&r, (Conv){1, 1, N, in, w, in, plane, 0, 0});
    a->back = with_tables(&r, (Conv){1, 1, N, o, in, w, plane, 0, 0});
    a->kernel = theta; theta += (size_t)(in / from) * real * o;
    a->bias = theta; theta += (last ? 1 : 2) * o;
    a->packed = floats(&r, (size_t)in * w); a->packed_back = floats(&r, (size_t)in * w); a->dw = floats(&r, (size_t)in * w);
    a->biases = floats(&r, w); a->norm = norm_of(&r, w);
    a->x = floats(&r, (size_t)in * plane); a->z = floats(&r, (size_t)N * w); a->g = floats(&r, (size_t)N * w); a->d = floats(&r, (size_t)w * plane);
    a->s1 = floats(&r, w); a->s2 = floats(&r, w);
    in = from = w; real = o;
    if ((size_t)w > widest) widest = w;
  }
  p->plane = plane;
  p->features = floats(&r, N * widest); p->ahead = floats(&r, N * widest);
  FOR(t, n->threads) {
    one.rectified = floats(&r, most); one.dz = floats(&r, largest);
    FOR(l, n->convs) one.planes[l] = floats(&r, of_planes[l]);
    if (n->base) scratch[t] = one;
  }
  p->scratch = scratch;
  return r.end;
}

static float *gradient_of(const Net *n, const float *theta) { return (float *)(n->base + n->at[GRADIENT]) + (theta - (float *)(n->base + n->at[THETA])); }

// mu and r of `pictures` of m values a channel, from their means and sums of squared deviations
static void finish_norm(const Norm *norm, const float *mean, const float *m2, int pictures, double m, int c, float epsilon) {
  FOR(j, c) {
    double a = 0, v = 0;
    FOR(i, pictures) a += mean[i * c + j];
    a /= pictures;
    FOR(i, pictures) { double d = mean[i * c + j] - a; v += m2[i * c + j] + m * d * d; }
    norm->mu[j] = (float)a; norm->r[j] = (float)(1 / __builtin_sqrt(v / (pictures * m) + epsilon));
  }
}
// c0, c1 and the gradient of the offset from the sums of norm_sums
static void finish_back(const Net *n, const Norm *norm, const float *s1, const float *s2, int pictures, double m, int c, int real, const float *bias) {
  FOR(j, c) {
    double a = 0, b = 0;
    FOR(i, pictures) { a += s1[i * c + j]; b += s2[i * c + j]; }
    norm->c0[j] = (float)(-norm->r[j] * a / (pictures * m)); norm->c1[j] = (float)(-norm->r[j] * norm->r[j] * b / (pictures * m));
    if (j < real) { gradient_of(n, bias)[j] = 0; gradient_of(n, bias)[real + j] = (float)a; }
  }
}

static void begin(Net *n) {
  FOR(l, n->convs) {
    Layer *a = n->parts->layer + l;
    const int co = n->filters[l];
    pack(a->kernel, n->kernel, a->conv.ci, co, 0, a->packed);
    if (l) pack(a->kernel, n->kernel, a->conv.ci, co, 1, a->packed_back);
    FOR(j, co) { a->biases[j] = a->bias[j]; a->norm.beta[j] = a->bias[co + j]; }
  }
}
static int size_of(const Layer *a) { return a->out * a->conv.co; }
// Norm and ReLU of a layer's picture m, pooled where it is; returns them.
static const float *rectified(const Net *n, int l, int m, float *to) {
  const Layer *a = n->parts->layer + l;
  rectify(&a->norm, a->top + (size_t)m * size_of(a), a->out, a->conv.co, to);
  return to;
}
// From the gradient g behind norm and ReLU of n pixels z to that of z
static void norm_back(const Norm *norm, const float *z, const float *g, int n, int c, float *dz) {
  for (int j = 0; j < c; j += VL) {
    const vf mu = ld(norm->mu + j), r = ld(norm->r + j), beta = ld(norm->beta + j), c0 = ld(norm->c0 + j), c1 = ld(norm->c1 + j);
    for (int i = j; i < n * c; i += c) { vf u = ld(z + i); st(dz + i, mad(c1, u - mu, c0) + keep(normal(u, mu, r, beta) > 0, r * ld(g + i))); }
  }
}
// Mean over the n pixels of a picture; and from its gradient to that of every pixel
static void average(const float *x, int n, int c, float *mean) {
  for (int j = 0; j < c; j += VL) { vf s = 0; for (int i = j; i < n * c; i += c) s += ld(x + i); st(mean + j, s / (float)n); }
}
static void average_back(const float *g, int n, int c, float *dx) {
  for (int j = 0; j < c; j += VL) for (int i = j; i < n * c; i += c) st(dx + i, ld(g + j) / (float)n);
}
static void forward(Net *n, int l, int thread, int m) {  // picture m through one convolution
  Parts *p = n->parts;
  Layer *a = p->layer + l;
  const Conv *c = &a->conv;
  const int r = n->kernel / 2, row = c->planes * c->plane;
  float *x = a->x + (size_t)m * (c->h + 2 * r) * row, *inner = x + r * row + r;
  if (l) {
    const float *y = rectified(n, l - 1, m, p->scratch[thread].rectified);
    FOR(i, c->h) planar(y + i * c->w * c->planes, c->w, c->planes, c->planes, inner + i * row, c->plane);
  } else {
    const uint8_t *s = (uint8_t *)(n->base + n->at[PIXELS]) + (size_t)m * c->h * c->w * c->ci;
    FOR(y, c->h) FOR(i, c->w) FOR(k, c->ci) inner[y * row + k * c->plane + i] = (float)*s++ * (1 / 255.f);
  }
  float *z = a->z + (size_t)m * c->h * c->w * c->co;
  conv(c, x, a->packed, a->biases, z, 0, c->h);
  stats(z, c->h * c->w, c->co, a->mean + m * c->co, a->m2 + m * c->co);
  if (n->pools[l]) pool(z, c->h, c->w, c->co, a->top + (size_t)m * size_of(a));
}
static void backward(Net *n, int l, int thread, int m, float *dw) {  // one picture
  Layer *a = n->parts->layer + l, *before = a - 1;
  const Conv *c = &a->conv;
  const Scratch *s = n->parts->scratch + thread;
  const int r = n->kernel / 2, row = c->planes * c->plane, each = size_of(a), all = c->h * c->w * c->co;
  const float *z = a->z + (size_t)m * all, *g = a->g + (size_t)m * each;
  if (n->pools[l]) pool_back(&a->norm, z, a->top + (size_t)m * each, g, c->h, c->w, c->co, s->dz);
  else norm_back(&a->norm, z, g, c->h * c->w, c->co, s->dz);
  conv_dw(c, a->x + (size_t)m * (c->h + 2 * r) * row, s->dz, dw);
  if (!l) return;
  const Conv *b = &a->back;
  FOR(y, c->h) planar(s->dz + y * c->w * c->co, c->w, c->co, c->co, s->planes[l] + (y + r) * b->planes * b->plane + r, b->plane);
  float *to = before->g + (size_t)m * b->h * b->w * b->co;
  conv(b, s->planes[l], a->packed_back, 0, to, 0, b->h);
  norm_sums(&before->norm, before->top + (size_t)m * b->h * b->w * b->co, to, b->h * b->w, b->co, before->s1 + m * b->co, before->s2 + m * b->co);
}

// Row i of a dense layer's input in theta, -1 in the padding.
static int row_of(const Dense *a, int i) { return i % a->from < a->real ? i / a->from * a->real + i % a->from : -1; }
static void dense_pack(const Dense *a) {
  const int O = a->outputs;
  FOR(i, a->in) {
    const int row = row_of(a, i);
    if (row < 0) continue;  // stays 0
    const float *from = a->kernel + (size_t)row * O;
    FOR(o, O) {
      a->packed[((size_t)(o / WIDE) * a->in + i) * WIDE + o % WIDE] = from[o];
      a->packed_back[((size_t)(i / WIDE) * O + o) * WIDE + i % WIDE] = from[o];
    }
  }
}
float CAT(softmax, VARIANT)(int, int, int, const int32_t *, float *);
// From the features to the loss, and back to the gradient of the features.
static void head(Net *n) {
  Parts *p = n->parts;
  const int N = n->batch, D = n->denses, plane = p->plane;
  const float *y = p->features;
  FOR(d, D) {
    Dense *a = p->dense + d;
    const int O = a->outputs, w = a->conv.co;
    dense_pack(a);
    FOR(j, O) a->biases[j] = a->bias[j];
    planar(y, N, a->in, a->in, a->x, plane);
    conv(&a->conv, a->x, a->packed, a->biases, a->z, 0, 1);
    if (d == D - 1) break;
    FOR(j, O) a->norm.beta[j] = a->bias[O + j];
    stats(a->z, N, w, a->s1, a->s2);
    finish_norm(&a->norm, a->s1, a->s2, 1, N, w, n->epsilon);
    rectify(&a->norm, a->z, N, w, p->ahead);
    y = p->ahead;
  }
  Dense *top = p->dense + D - 1;
  const int classes = top->outputs;
  planar(top->z, N, top->conv.co, classes, top->d, plane);
  *(float *)(n->base + n->at[LOSS]) = CAT(softmax, VARIANT)(plane, classes, N, (const int32_t *)(n->base + n->at[LABELS]), top->d);
  FOR(j, classes) {
    double s = 0;
    FOR(i, N) { float d = top->d[j * plane + i]; top->g[i * top->conv.co + j] = d; s += d; }
    gradient_of(n, top->bias)[j] = (float)s;
  }
  for (int d = D - 1; d >= 0; d--) {
    Dense *a = p->dense + d, *before = a - 1;
    const int w = a->conv.co, O = a->outputs;
    FOR(i, a->in * w) a->dw[i] = 0;
    conv_dw(&a->conv, a->x, a->g, a->dw);
    FOR(i, a->in) { const int row = row_of(a, i); if (row >= 0) FOR(j, O) gradient_of(n, a->kernel)[(size_t)row * O + j] = a->dw[i * w + j]; }
    conv(&a->back, a->d, a->packed_back, 0, d || n->average ? p->ahead : p->layer[n->convs - 1].g, 0, 1);
    if (!d) break;
    const Norm *norm = &before->norm;
    const int c = before->conv.co;
    norm_sums(norm, before->z, p->ahead, N, c, before->s1, before->s2);
    finish_back(n, norm, before->s1, before->s2, 1, N, c, before->outputs, before->bias);
    norm_back(norm, before->z, p->ahead, N, c, before->g);
    planar(before->g, N, c, before->outputs, before->d, plane);
  }
}

static void gather(Net *n) {  // the sums of all groups, in order
  const int k = n->kernel;
  FOR(l, n->convs) {
    const Layer *a = n->parts->layer + l;
    const int ci = a->conv.ci, w = a->conv.co, co = n->filters[l];
    float *to = gradient_of(n, a->kernel);
    FOR(y, k) FOR(i, ci) FOR(x, k) FOR(o, co) {
      float s = 0;
      FOR(g, n->chunks) s += a->dw[((((size_t)g * k + y) * ci + i) * k + x) * w + o];
      to[((y * k + x) * ci + i) * co + o] = s;
    }
  }
}

// Steps 0 ... L - 1: forward; L: the last pooling; L + 1 ... 2 L: backward, the last layer first.
static void one(Net *n, int step) {
  const int L = n->convs, N = n->batch;
  if (step == 0) { begin(n); return; }
  if (step > 2 * L) { gather(n); return; }
  const int l = step <= L ? step - 1 : 2 * L - step;
  const Layer *a = n->parts->layer + l;
  const Conv *c = &a->conv;
  if (step <= L) { finish_norm(&a->norm, a->mean, a->m2, N, c->h * c->w, c->co, n->epsilon); return; }
  if (step == L + 1) {
    head(n);
    const int size = size_of(a);
    FOR(m, N) {
      float *g = a->g + (size_t)m * size;
      if (n->average) average_back(n->parts->ahead + (size_t)m * c->co, a->out, c->co, g);
      norm_sums(&a->norm, a->top + (size_t)m * size, g, a->out, c->co, a->s1 + m * c->co, a->s2 + m * c->co);
    }
  }
  finish_back(n, &a->norm, a->s1, a->s2, N, c->h * c->w, c->co, n->filters[l], a->bias);
}
static void chunk(Net *n, int step, int thread, int g) {
  const int L = n->convs, m0 = g * n->batch / n->chunks, m1 = (g + 1) * n->batch / n->chunks;
  const Dense *d = n->parts->dense;
  if (step == L) for (int m = m0; m < m1; m++) {
    float *to = n->parts->features + (size_t)m * d->in;
    if (n->average) average(rectified(n, L - 1, m, n->parts->scratch[thread].rectified), n->parts->layer[L - 1].out, d->in, to);
    else rectified(n, L - 1, m, to);
  }
  if (step < L) for (int m = m0; m < m1; m++) forward(n, step, thread, m);
  if (step <= L) return;
  const Layer *a = n->parts->layer + 2 * L - step;
  const size_t size = (size_t)n->kernel * n->kernel * a->conv.ci * a->conv.co;
  float *dw = a->dw + g * size;
  for (size_t i = 0; i < size; i++) dw[i] = 0;
  for (int m = m0; m < m1; m++) backward(n, 2 * L - step, thread, m, dw);
}
const NetKernel CAT(net, VARIANT) = {layout, one, chunk};
