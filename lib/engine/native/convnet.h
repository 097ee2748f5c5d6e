// A convolutional classifier and one minibatch, in one piece of memory.
#ifndef CONVNET_H
#define CONVNET_H
#include <stddef.h>
#include <stdint.h>
enum { MAX_CONVS = 8, MAX_DENSE = 4 };
enum { PIXELS, LABELS, THETA, GRADIENT, LOSS, NET_FIELDS };
typedef struct {
  int32_t batch, side, channels, kernel, convs, denses, filters[MAX_CONVS], pools[MAX_CONVS], average, units[MAX_DENSE], threads;  // the caller's, as is
  float epsilon;
  int32_t chunks;            // groups of pictures, the piece of work that a thread claims; their number depends on the batch only
  int32_t steps;             // a gradient: one(0), chunks of step 0, one(1), ..., chunks of step `steps` - 1, one(steps)
  size_t at[NET_FIELDS];     // byte offsets from base: uint8 [batch][side][side][channels], int32 [batch], float, float, float
  char *base;                // 64-byte aligned; memory is zero at first
  struct Parts *parts;       // arrays of the layers
} Net;
typedef struct {
  size_t (*layout)(Net *);   // fills the derived members, returns the number of bytes; with a base also lays out the parts
  void (*one)(Net *, int step);
  void (*chunk)(Net *, int step, int thread, int chunk);
} NetKernel;
#endif
