// A network with everything that its loss and gradient need, in one piece of memory: of each kind what the caller gives, and
// what they have in common.
#ifndef NET_H
#define NET_H
#include <stddef.h>
#include <stdint.h>
enum { CLASSIFIER, STYLE, KINDS };
enum { MAX_CONVS = 8, MAX_DENSE = 4, MAX_FEATURES = 24, NET_FIELDS = 5 };
// Arrays, by their place in at[]. A classifier (convnet.c): uint8 [batch][side][side][channels], int32 [batch], float, float, float.
// Neural art (style.c): kernels [3][3][inputs][outputs] and biases in turn, the numbers and targets, float, float, float.
enum { PIXELS, LABELS, THETA, GRADIENT, LOSS };
enum { WEIGHTS, TARGETS };
typedef struct {
  int32_t kind;  // from here the caller's, as is
  union {
    struct { int32_t batch, side, channels, kernel, convs, denses, filters[MAX_CONVS], pools[MAX_CONVS], average, units[MAX_DENSE]; };
    struct { int32_t height, width, bgr, features, content, styles, widths[MAX_FEATURES]; };  // styles: a bit for each; widths: channels, 0: a halving
  };
  int32_t threads;           // up to here
  float epsilon;
  int32_t chunks;            // pieces of a step that a thread claims; their number does not depend on the threads
  int32_t steps;             // a gradient: one(0), chunks of step 0, one(1), ..., chunks of step `steps` - 1, one(steps)
  size_t at[NET_FIELDS];     // byte offsets from base
  char *base;                // 64-byte aligned; memory is zero at first
  union { struct Parts *parts; struct Art *art; };  // arrays of the layers
} Net;
typedef struct {
  size_t (*layout)(Net *);   // fills the derived members, returns the number of bytes; with a base also lays out the parts
  void (*one)(Net *, int step);
  void (*chunk)(Net *, int step, int thread, int chunk);
} NetKernel;

// Hands out memory piece by piece; without a base only counts.
typedef struct { char *base; size_t end; } Room;
static inline void *take(Room *r, size_t bytes) { size_t at = r->end; r->end += (bytes + 63) & ~(size_t)63; return r->base + at; }
static inline float *floats(Room *r, size_t n) { return (float *)take(r, 4 * n); }
#endif
