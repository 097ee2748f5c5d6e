// Data layout of the coordinatewise LSTM optimizer and of the network it trains, and the kernel table, shared by the kernel, the N-API addon and the wasm module.
#ifndef LSTM_H
#define LSTM_H
#include <stddef.h>
#include <stdint.h>
#include "net.h"

// Coordinates are cut into blocks of BLOCK; every array of the unroll is [time][block][row][BLOCK].
enum { BLOCK = 64 };
// Arrays of one engine, all in one piece of memory; at[] holds their byte offsets from base.
enum { PAR, G_IN, U_OUT, DU, STATE0, GRAD, PACKED, REC, SCRATCH, PARTIAL, FIELDS };
enum { PACK, FORWARD, BACKWARD, CARRY, REDUCE, NETWORK };  // operations; PACK and REDUCE are done by one thread; NETWORK: step t of the net

typedef struct {
  int32_t N, T, store, threads;       // store = 1: keep all activations; 0: recompute them in the backward pass
  int32_t units, layers;              // H, a multiple of 4; 1 or 2
  float scale;                        // factor of the update
  float p;                            // of the preprocessing (log|g| / p, sign g); 0: the gradient as it is, and 0
  float edge;                         // exp(-p)
  int32_t blocks, per_chunk, chunks;  // a chunk is the piece of work a thread claims; its size depends on N only
  size_t scratch;                     // floats of scratch memory per thread
  size_t at[FIELDS];
  char *base;                         // 64-byte aligned
  Net *net;                           // for NETWORK, of which only `chunks` above is set besides
} Lstm;

// A fully connected classifier; numbers of bytes are offsets from this structure, arrays aligned to 64.
enum { MAX_LAYERS = 5 };
typedef struct {
  int32_t layers, batch, padded, activation;  // padded: examples, a multiple of 64; activation: sigmoid, relu, tanh
  int32_t units[MAX_LAYERS + 1];              // pixels, hidden units, classes
  int32_t pixels, labels;                     // uint8 [batch][pixels]; int32 [padded], -1 in the padding
  int32_t theta, gradient;                    // float, for each layer kernel [in][out], bias [out]
  int32_t work, loss;                         // float [all units][padded], zeros at first; float
} Mlp;

typedef struct {
  const char *name;
  size_t (*layout)(Lstm *);                             // fills the derived members, returns the number of bytes needed
  void (*one)(Lstm *, int op);                          // PACK, REDUCE
  void (*chunk)(Lstm *, int op, int t, int thread, int chunk);  // FORWARD, BACKWARD, CARRY on one chunk
  void (*mlp)(char *mlp);                               // loss and gradient of the Mlp at this address
  float (*fma)(int rounds);                             // 24 VL floating-point operations a round, for measurements
  int lanes;                                            // VL
  const NetKernel *nets[KINDS];
} Kernel;

// Job board of a thread pool. ticket = job number << 32 | next unclaimed chunk. A claim is a compare-exchange on the whole ticket, so a
// thread that wakes up late can never take part in a job it has not seen; the caller waits for chunks, not for threads.
typedef struct {
  _Atomic uint64_t ticket;
  _Atomic uint32_t done;
  _Atomic int32_t op, t;  // written only between jobs, when the old ticket is used up
  _Atomic int32_t stop;   // 1: the threads shall end
} Board;

// Claims and computes chunks until none is left; returns 1 if this thread finished the last chunk of the job.
static inline int board_work(Board *b, const Kernel *k, Lstm *c, int thread) {
  for (int last = 0;;) {
    uint64_t seen = __c11_atomic_load(&b->ticket, __ATOMIC_ACQUIRE);
    int chunk = (int)(uint32_t)seen;
    if (chunk >= c->chunks) return last;
    int op = __c11_atomic_load(&b->op, __ATOMIC_RELAXED), t = __c11_atomic_load(&b->t, __ATOMIC_RELAXED);
    if (!__c11_atomic_compare_exchange_strong(&b->ticket, &seen, seen + 1, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) continue;
    if (op == NETWORK) k->nets[c->net->kind]->chunk(c->net, t, thread, chunk);
    else k->chunk(c, op, t, thread, chunk);
    last = __c11_atomic_fetch_add(&b->done, 1, __ATOMIC_ACQ_REL) + 1 == (uint32_t)c->chunks;
  }
}
static inline void board_post(Board *b, int op, int t) {
  uint64_t job = (__c11_atomic_load(&b->ticket, __ATOMIC_RELAXED) >> 32) + 1;
  __c11_atomic_store(&b->op, op, __ATOMIC_RELAXED);
  __c11_atomic_store(&b->t, t, __ATOMIC_RELAXED);
  __c11_atomic_store(&b->done, 0, __ATOMIC_RELAXED);
  __c11_atomic_store(&b->ticket, job << 32, __ATOMIC_SEQ_CST);
}
#endif
