// N-API addon around lstm.c: chooses the kernel for this processor, owns a pool of C threads. No JavaScript threads, no C++ runtime.
//   isa: string[]                                              kernels this processor can run, best first
//   create(N, T, store, threads, units, layers, spin, isa, scale, p, edge) -> engine   engine.memory: ArrayBuffer, engine.fields: byte offsets (enum in lstm.h)
//   run(engine, op, t)                                         computes on the calling thread and the pool, returns when done
//   memory(bytes) -> { memory: ArrayBuffer, offset }           zeros; offset: the first aligned byte
//   network(threads, spin, isa, epsilon, sizes) -> engine      a convolutional network, sizes as Net begins with; fields: enums in net.h
//   gradient(engine)                                           its loss and gradient
//   mlp(isa, memory, offset)                                   loss and gradient of the Mlp that stands there
//   fma(isa, rounds) -> lanes                                  24 lanes rounds operations, for measurements
//   close(engine)                                              ends the threads; also done on garbage collection and exit
#define NAPI_VERSION 8
#include <node_api.h>
#include <stdlib.h>
#include <string.h>
#include "lstm.h"

#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
typedef SRWLOCK Mutex; typedef CONDITION_VARIABLE Cond; typedef HANDLE Thread;
#define THREAD_MAIN(name) static DWORD WINAPI name(void *arg)
static void lock(Mutex *m) { AcquireSRWLockExclusive(m); }
static void unlock(Mutex *m) { ReleaseSRWLockExclusive(m); }
static void cond_wait(Cond *c, Mutex *m) { SleepConditionVariableSRW(c, m, INFINITE, 0); }
static void cond_wake(Cond *c) { WakeAllConditionVariable(c); }
static void sync_init(Mutex *m, Cond *a, Cond *b) { InitializeSRWLock(m); InitializeConditionVariable(a); InitializeConditionVariable(b); }
static int start(Thread *t, LPTHREAD_START_ROUTINE f, void *arg) { return (*t = CreateThread(0, 1 << 18, f, arg, 0, 0)) != 0; }
static void join(Thread t) { WaitForSingleObject(t, INFINITE); CloseHandle(t); }
#else
#include <pthread.h>
#include <signal.h>
typedef pthread_mutex_t Mutex; typedef pthread_cond_t Cond; typedef pthread_t Thread;
#define THREAD_MAIN(name) static void *name(void *arg)
static void lock(Mutex *m) { pthread_mutex_lock(m); }
static void unlock(Mutex *m) { pthread_mutex_unlock(m); }
static void cond_wait(Cond *c, Mutex *m) { pthread_cond_wait(c, m); }
static void cond_wake(Cond *c) { pthread_cond_broadcast(c); }
static void sync_init(Mutex *m, Cond *a, Cond *b) { pthread_mutex_init(m, 0); pthread_cond_init(a, 0); pthread_cond_init(b, 0); }
static int start(Thread *t, void *(*f)(void *), void *arg) {  // signals stay with Node's own threads
  sigset_t all, old;
  sigfillset(&all); pthread_sigmask(SIG_SETMASK, &all, &old);
  int ok = pthread_create(t, 0, f, arg) == 0;
  pthread_sigmask(SIG_SETMASK, &old, 0);
  return ok;
}
static void join(Thread t) { pthread_join(t, 0); }
#endif

#if defined __x86_64__
#include <cpuid.h>
static void relax(void) { __builtin_ia32_pause(); }
extern const Kernel lstm_avx2, lstm_avx512;
static int kernels(const Kernel **list) {  // processor and operating system must both support the registers
  unsigned a, b, c, d, lo, hi, n = 0;
  if (!__get_cpuid(1, &a, &b, &c, &d) || ~c & (1u << 12 | 1u << 27 | 1u << 28)) return 0;  // FMA, OSXSAVE, AVX
  __asm__("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
  unsigned avx512 = 1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31, avx2 = 1u << 3 | 1u << 5 | 1u << 8;  // F DQ CD BW VL; BMI1 AVX2 BMI2
  if ((b & avx512) == avx512 && (lo & 0xe6) == 0xe6) list[n++] = &lstm_avx512;
  if ((b & avx2) == avx2 && (lo & 6) == 6) list[n++] = &lstm_avx2;
  return (int)n;
}
#elif defined __aarch64__
static void relax(void) { __asm__ volatile("yield"); }
extern const Kernel lstm_neon;
static int kernels(const Kernel **list) { list[0] = &lstm_neon; return 1; }
#endif

enum { MAX_THREADS = 64 };
typedef struct Engine Engine;
typedef struct { Engine *engine; int id; Thread thread; } Helper;
struct Engine {
  Lstm c;
  Net net;
  const Kernel *kernel;
  Board board;
  int helpers, spin;                    // spin: rounds of busy waiting before a thread goes to sleep
  _Atomic int asleep, waiting;          // number of sleeping helpers; 1 while the caller sleeps
  Mutex mutex; Cond wake, finished;
  napi_env env; napi_ref memory;
  Helper helper[MAX_THREADS];
};
#define load(p) __c11_atomic_load(p, __ATOMIC_SEQ_CST)
#define store(p, v) __c11_atomic_store(p, v, __ATOMIC_SEQ_CST)
static const NetKernel *kind_of(Engine *e) { return e->kernel->nets[e->net.kind]; }
static uint32_t job_of(Engine *e) { return (uint32_t)(load(&e->board.ticket) >> 32); }

THREAD_MAIN(helper_main) {
  Helper *h = arg; Engine *e = h->engine;
  for (uint32_t seen = 0;;) {
    for (int n = 0; job_of(e) == seen && n < e->spin; n++) relax();
    if (job_of(e) == seen) {
      lock(&e->mutex);
      store(&e->asleep, e->asleep + 1);
      while (job_of(e) == seen && !load(&e->board.stop)) cond_wait(&e->wake, &e->mutex);
      store(&e->asleep, e->asleep - 1);
      unlock(&e->mutex);
    }
    if (load(&e->board.stop)) return 0;
    seen = job_of(e);
    if (board_work(&e->board, e->kernel, &e->c, h->id) && load(&e->waiting)) { lock(&e->mutex); cond_wake(&e->finished); unlock(&e->mutex); }
  }
}
static void compute(Engine *e, int op, int t) {
  if (op == PACK || op == REDUCE) { e->kernel->one(&e->c, op); return; }
  board_post(&e->board, op, t);
  if (load(&e->asleep)) { lock(&e->mutex); cond_wake(&e->wake); unlock(&e->mutex); }
  board_work(&e->board, e->kernel, &e->c, 0);
  uint32_t all = (uint32_t)e->c.chunks;
  for (int n = 0; load(&e->board.done) != all && n < e->spin; n++) relax();
  if (load(&e->board.done) != all) {
    lock(&e->mutex);
    store(&e->waiting, 1);
    while (load(&e->board.done) != all) cond_wait(&e->finished, &e->mutex);
    store(&e->waiting, 0);
    unlock(&e->mutex);
  }
}
static void stop(void *arg) {  // idempotent; also the hook of a Node environment (main or worker thread) that ends
  Engine *e = arg;
  lock(&e->mutex); store(&e->board.stop, 1); cond_wake(&e->wake); unlock(&e->mutex);
  while (e->helpers) join(e->helper[--e->helpers].thread);
}
static void finalize(napi_env env, void *data, void *hint) {
  Engine *e = data; (void)hint;
  stop(e);
  napi_remove_env_cleanup_hook(env, stop, e);
  if (e->memory) napi_delete_reference(env, e->memory);
  free(e);
}

static napi_value fail(napi_env env, const char *text) { napi_throw_error(env, 0, text); return 0; }
static void set(napi_env env, napi_value o, const char *name, napi_value v) { napi_set_named_property(env, o, name, v); }
static napi_value array_buffer(napi_env env, double bytes, void **data, size_t *shift) {  // throws a RangeError where there is no memory
  napi_value global, constructor, length, buffer;
  napi_get_global(env, &global); napi_get_named_property(env, global, "ArrayBuffer", &constructor); napi_create_double(env, bytes + 64, &length);
  if (napi_new_instance(env, constructor, 1, &length, &buffer) != napi_ok) return 0;  // napi_create_arraybuffer would abort the process
  napi_get_arraybuffer_info(env, buffer, data, 0);
  *shift = -(uintptr_t)*data & 63;
  return buffer;
}
#ifdef __linux__
#include <sys/mman.h>
static void large_pages(char *from, size_t bytes) {  // fewer page faults and table look-ups; a wish, not a demand
  size_t page = 1 << 21, start = ((uintptr_t)from + page - 1) & ~(page - 1), end = ((uintptr_t)from + bytes) & ~(page - 1);
  if (end > start) madvise((void *)start, end - start, MADV_HUGEPAGE);
}
#else
static void large_pages(char *from, size_t bytes) { (void)from; (void)bytes; }
#endif
// Memory and threads for an engine whose kernel needs so many bytes; gives its object, or throws.
static napi_value engine(napi_env env, Engine *e, size_t bytes, int threads, const size_t *at, uint32_t count) {
  napi_value object, buffer, fields, v;
  void *data; size_t shift;
  e->env = env;
  buffer = array_buffer(env, (double)bytes, &data, &shift);
  if (!buffer) { free(e); return 0; }
  large_pages(data, bytes);
  e->c.base = (char *)data + shift;
  if (e->c.net) { e->net.base = e->c.base; kind_of(e)->layout(&e->net); }
  napi_create_object(env, &object);
  if (napi_wrap(env, object, e, finalize, 0, 0) != napi_ok) { free(e); return fail(env, "cannot wrap"); }
  napi_create_reference(env, buffer, 1, &e->memory);
  napi_add_env_cleanup_hook(env, stop, e);
  int want = (threads < e->c.chunks ? threads : e->c.chunks) - 1;
  for (; e->helpers < want; e->helpers++) {  // fewer threads than asked for is not an error
    Helper *h = &e->helper[e->helpers];
    *h = (Helper){.engine = e, .id = e->helpers + 1};
    if (!start(&h->thread, helper_main, h)) break;
  }
  set(env, object, "memory", buffer);
  napi_create_array(env, &fields);
  for (uint32_t i = 0; i < count; i++) { napi_create_double(env, (double)(at[i] + shift), &v); napi_set_element(env, fields, i, v); }
  set(env, object, "fields", fields);
  napi_create_string_utf8(env, e->kernel->name, NAPI_AUTO_LENGTH, &v); set(env, object, "isa", v);
  return object;
}
static napi_value create(napi_env env, napi_callback_info info) {
  size_t n = 11; napi_value a[11]; int32_t x[8] = {0}; double d[3] = {0};
  const char *usage = "create(N, T, store, threads, units, layers, spin, isa, scale, p, edge)";
  napi_get_cb_info(env, info, &n, a, 0, 0);
  if (n < 11) return fail(env, usage);
  for (int i = 0; i < 8; i++) if (napi_get_value_int32(env, a[i], &x[i]) != napi_ok) return fail(env, usage);
  for (int i = 0; i < 3; i++) if (napi_get_value_double(env, a[8 + i], &d[i]) != napi_ok) return fail(env, usage);
  const Kernel *list[4]; int count = kernels(list);
  if (x[7] < 0 || x[7] >= count) return fail(env, "no such kernel on this processor");
  if (x[0] < 1 || x[1] < 1 || x[3] < 1 || x[3] > MAX_THREADS) return fail(env, "N, T or threads out of range");
  if (x[4] < 4 || x[4] % 4 || x[5] < 1 || x[5] > 2) return fail(env, "units must be a multiple of 4, layers 1 or 2");
  Engine *e = calloc(1, sizeof *e);
  if (!e) return fail(env, "out of memory");
  sync_init(&e->mutex, &e->wake, &e->finished);
  e->c = (Lstm){.N = x[0], .T = x[1], .store = x[2] != 0, .threads = x[3], .units = x[4], .layers = x[5], .scale = (float)d[0], .p = (float)d[1], .edge = (float)d[2]};
  e->kernel = list[x[7]]; e->spin = x[6];
  return engine(env, e, e->kernel->layout(&e->c), x[3], e->c.at, FIELDS);
}
static napi_value network(napi_env env, napi_callback_info info) {
  size_t n = 5; napi_value a[5], v; int32_t x[3] = {0}; double epsilon = 0;
  enum { SIZES = offsetof(Net, threads) / sizeof(int32_t) };
  const Kernel *list[4]; int count = kernels(list);
  const char *usage = "network(threads, spin, isa, epsilon, sizes)";
  napi_get_cb_info(env, info, &n, a, 0, 0);
  if (n < 5) return fail(env, usage);
  for (int i = 0; i < 3; i++) if (napi_get_value_int32(env, a[i], &x[i]) != napi_ok) return fail(env, usage);
  if (napi_get_value_double(env, a[3], &epsilon) != napi_ok || x[2] < 0 || x[2] >= count || x[0] < 1 || x[0] > MAX_THREADS) return fail(env, usage);
  Engine *e = calloc(1, sizeof *e);
  if (!e) return fail(env, "out of memory");
  uint32_t sizes = 0;
  napi_get_array_length(env, a[4], &sizes);
  for (uint32_t i = 0; i < sizes && i < SIZES; i++)
    if (napi_get_element(env, a[4], i, &v) != napi_ok || napi_get_value_int32(env, v, (int32_t *)&e->net + i) != napi_ok) { free(e); return fail(env, usage); }
  if (e->net.kind < 0 || e->net.kind >= KINDS) { free(e); return fail(env, usage); }
  sync_init(&e->mutex, &e->wake, &e->finished);
  e->net.epsilon = (float)epsilon; e->net.threads = x[0];
  e->kernel = list[x[2]]; e->spin = x[1];
  size_t bytes = kind_of(e)->layout(&e->net);
  e->c.net = &e->net; e->c.chunks = e->net.chunks;
  return engine(env, e, bytes, x[0], e->net.at, NET_FIELDS);
}
static napi_value gradient(napi_env env, napi_callback_info info) {
  size_t n = 1; napi_value a[1]; void *data = 0;
  napi_get_cb_info(env, info, &n, a, 0, 0);
  if (n < 1 || napi_unwrap(env, a[0], &data) != napi_ok || !((Engine *)data)->net.base) return fail(env, "gradient(engine)");
  Engine *e = data;
  for (int t = 0; t < e->net.steps; t++) { kind_of(e)->one(&e->net, t); compute(e, NETWORK, t); }
  kind_of(e)->one(&e->net, e->net.steps);
  return 0;
}
static napi_value run(napi_env env, napi_callback_info info) {
  size_t n = 3; napi_value a[3]; int32_t op = -1, t = 0; void *e = 0;
  napi_get_cb_info(env, info, &n, a, 0, 0);
  if (n < 3 || napi_unwrap(env, a[0], &e) != napi_ok || napi_get_value_int32(env, a[1], &op) != napi_ok || napi_get_value_int32(env, a[2], &t) != napi_ok ||
      op < PACK || op > REDUCE || ((Engine *)e)->c.net || t < 0 || t >= ((Engine *)e)->c.T) return fail(env, "run(engine, op, t)");
  compute(e, op, t);
  return 0;
}
static napi_value close_engine(napi_env env, napi_callback_info info) {
  size_t n = 1; napi_value a[1]; void *e = 0;
  napi_get_cb_info(env, info, &n, a, 0, 0);
  if (n < 1 || napi_unwrap(env, a[0], &e) != napi_ok) return fail(env, "close(engine)");
  stop(e);  // later calls of run() compute on the calling thread alone
  return 0;
}
static napi_value memory(napi_env env, napi_callback_info info) {
  size_t n = 1, shift; napi_value a[1], object, buffer, v; double bytes = 0; void *data;
  napi_get_cb_info(env, info, &n, a, 0, 0);
  if (n < 1 || napi_get_value_double(env, a[0], &bytes) != napi_ok) return fail(env, "memory(bytes)");
  if (!(buffer = array_buffer(env, bytes, &data, &shift))) return 0;
  napi_create_object(env, &object);
  napi_create_double(env, (double)shift, &v);
  set(env, object, "memory", buffer); set(env, object, "offset", v);
  return object;
}
static napi_value mlp(napi_env env, napi_callback_info info) {
  size_t n = 3; napi_value a[3]; int32_t isa = -1, offset = 0; void *data;
  const Kernel *list[4]; int count = kernels(list);
  napi_get_cb_info(env, info, &n, a, 0, 0);
  if (n < 3 || napi_get_value_int32(env, a[0], &isa) != napi_ok || isa < 0 || isa >= count || napi_get_arraybuffer_info(env, a[1], &data, 0) != napi_ok ||
      napi_get_value_int32(env, a[2], &offset) != napi_ok) return fail(env, "mlp(isa, memory, offset)");
  list[isa]->mlp((char *)data + offset);
  return 0;
}
static napi_value fma_rate(napi_env env, napi_callback_info info) {
  size_t n = 2; napi_value a[2], v; int32_t isa = -1, rounds = 0;
  const Kernel *list[4]; int count = kernels(list);
  napi_get_cb_info(env, info, &n, a, 0, 0);
  if (n < 2 || napi_get_value_int32(env, a[0], &isa) != napi_ok || isa < 0 || isa >= count || napi_get_value_int32(env, a[1], &rounds) != napi_ok) return fail(env, "fma(isa, rounds)");
  volatile float keep = list[isa]->fma(rounds); (void)keep;
  napi_create_int32(env, list[isa]->lanes, &v);
  return v;
}
NAPI_MODULE_INIT() {
  const Kernel *list[4]; int count = kernels(list);
  napi_value names, f;
  napi_create_array(env, &names);
  for (int i = 0; i < count; i++) { napi_create_string_utf8(env, list[i]->name, NAPI_AUTO_LENGTH, &f); napi_set_element(env, names, (uint32_t)i, f); }
  set(env, exports, "isa", names);
  napi_create_function(env, "create", NAPI_AUTO_LENGTH, create, 0, &f); set(env, exports, "create", f);
  napi_create_function(env, "run", NAPI_AUTO_LENGTH, run, 0, &f); set(env, exports, "run", f);
  napi_create_function(env, "network", NAPI_AUTO_LENGTH, network, 0, &f); set(env, exports, "network", f);
  napi_create_function(env, "gradient", NAPI_AUTO_LENGTH, gradient, 0, &f); set(env, exports, "gradient", f);
  napi_create_function(env, "memory", NAPI_AUTO_LENGTH, memory, 0, &f); set(env, exports, "memory", f);
  napi_create_function(env, "mlp", NAPI_AUTO_LENGTH, mlp, 0, &f); set(env, exports, "mlp", f);
  napi_create_function(env, "fma", NAPI_AUTO_LENGTH, fma_rate, 0, &f); set(env, exports, "fma", f);
  napi_create_function(env, "close", NAPI_AUTO_LENGTH, close_engine, 0, &f); set(env, exports, "close", f);
  return exports;
}
