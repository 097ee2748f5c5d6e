// WebAssembly module around lstm.c: one engine per shared memory, every thread instantiates the module and calls work().
#include "lstm.h"
extern const Kernel lstm_wasm;
static Lstm self;
static Board board;
extern char __heap_base;
#define EXPORT(name) __attribute__((export_name(#name))) name
size_t EXPORT(layout)(int N, int T, int store, int threads, int units, int layers, float scale, float p, float edge) {  // first free byte after the engine's arrays
  self = (Lstm){.N = N, .T = T, .store = store, .threads = threads, .units = units, .layers = layers, .scale = scale, .p = p, .edge = edge};
  self.base = (char *)(((size_t)&__heap_base + 127) & ~(size_t)127);
  return (size_t)self.base + lstm_wasm.layout(&self);
}
size_t EXPORT(field)(int i) { return (size_t)self.base + self.at[i]; }
int EXPORT(chunks)(void) { return self.chunks; }
Board *EXPORT(control)(void) { return &board; }  // Int32: [0] next chunk, [1] job number, [2] chunks done, [5] stop
void EXPORT(one)(int op) { lstm_wasm.one(&self, op); }
void EXPORT(post)(int op, int t) { board_post(&board, op, t); }
int EXPORT(work)(int thread) { return board_work(&board, &lstm_wasm, &self, thread); }
char *EXPORT(heap)(void) { return (char *)(((size_t)&__heap_base + 127) & ~(size_t)127); }  // for a module that holds an Mlp instead
void EXPORT(mlp)(char *at) { lstm_wasm.mlp(at); }
float EXPORT(fma)(int rounds) { return lstm_wasm.fma(rounds); }
int EXPORT(lanes)(void) { return lstm_wasm.lanes; }
// For a module that holds a network instead: network_sizes() is where its numbers go first. Twice: gives the first free byte,
// and with that much memory lays the network out.
static Net net;
int32_t *EXPORT(network_sizes)(void) { return (int32_t *)&net; }
size_t EXPORT(network)(int threads, float epsilon, int place) {
  net.threads = threads; net.epsilon = epsilon;
  net.base = place ? heap() : 0;
  size_t bytes = lstm_wasm.nets[net.kind]->layout(&net);
  self = (Lstm){.net = &net, .chunks = net.chunks};
  return (size_t)heap() + bytes;
}
size_t EXPORT(network_field)(int i) { return (size_t)net.base + net.at[i]; }
int EXPORT(network_steps)(void) { return net.steps; }
void EXPORT(network_one)(int step) { lstm_wasm.nets[net.kind]->one(&net, step); }
