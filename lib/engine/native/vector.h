// Vectors of VL floats and the functions of one number that the kernels need. Plain C for clang (ext_vector_type).
#ifndef VECTOR_H
#define VECTOR_H
#include <stddef.h>
#include <stdint.h>
#ifndef VL
#error "define VL, the number of float lanes, and VARIANT, the suffix of the symbols"
#endif
#define CAT_(a, b) a##_##b
#define CAT(a, b) CAT_(a, b)
#define TEXT_(a) #a
#define TEXT(a) TEXT_(a)
typedef float vf __attribute__((ext_vector_type(VL)));
typedef int vi __attribute__((ext_vector_type(VL)));
#define IN static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")
#define DO_PRAGMA(x) _Pragma(#x)
#define REPEAT(n) DO_PRAGMA(clang loop unroll_count(n))
#define LOOP _Pragma("clang loop unroll(disable)")
#define TILE(i, n) UNROLL for (int i = 0; i < (n); i++)
// Hides a pointer from the optimizer, so that constant offsets stay inside the load instructions.
#define OPAQUE(p) __asm__ volatile("" : "+r"(p))

// Asks for a line of memory that is needed soon. WebAssembly has no such instruction; a load that nothing waits for does it there, if
// it comes far ahead and with time between one line and the next: then the processor's own prefetching follows it.
#if defined __wasm__
IN void fetch(const float *p) { (void)p; }
IN void touch(const float *p) { (void)*(const volatile int *)p; }
#else
IN void fetch(const float *p) { __builtin_prefetch(p); }
IN void touch(const float *p) { (void)p; }
#endif
#define LINE 16  // floats in 64 bytes
IN vf ld(const float *p) { return *(const vf *)p; }
IN void st(float *p, vf v) { *(vf *)p = v; }
#if defined __wasm_relaxed_simd__
IN vf mad(vf a, vf b, vf c) { return __builtin_wasm_relaxed_madd_f32x4(a, b, c); }
#elif defined __wasm__
IN vf mad(vf a, vf b, vf c) { return a * b + c; }
#else
IN vf mad(vf a, vf b, vf c) { return __builtin_elementwise_fma(a, b, c); }
#endif
// |x| limited to c; a NaN stays a NaN (with relaxed SIMD the compiler would turn the comparisons into relaxed_min, which may lose it).
#if defined __wasm__
IN vf clamp(vf x, float c) { vf hi = c, lo = -c; return __builtin_wasm_pmax_f32x4(__builtin_wasm_pmin_f32x4(x, hi), lo); }
#else
IN vf clamp(vf x, float c) { vf hi = c, lo = -c; x = hi < x ? hi : x; return lo > x ? lo : x; }
#endif
// Products of saturated gates run into the denormal range, which is 100 times slower: smaller numbers are taken as 0.
IN vf flush(vf x) { vf size = (vf)((vi)x & 0x7fffffff); vi tiny = size < 1e-20f; return (vf)((vi)x & ~tiny); }
IN float sum(vf v) { float s = 0; TILE(l, VL) s += v[l]; return s; }

// tanh(x) / 2 = x P(x^2) / Q(x^2) on |x| <= 8, error 6.5e-8 before rounding. Q begins with 1 y^4, and the half makes of sigmoid(x) =
// 1/2 + tanh(x/2)/2 one addition: processors add beside their multiply-adds.
static const float TP[] = {2.062845871e6f, 2.663886381e5f, 6.062347610e3f, 2.333121587e1f},
                   TQ[] = {4.125694374e6f, 1.907999055e6f, 9.804224667e4f, 9.779057154e2f};
// tanh / 2 of n vectors, at most 8, abreast: their latencies overlap, and a coefficient is loaded once for all.
IN void half_tanhs(const int n, vf *x) {
  vf y[8], p[8], q[8];
  TILE(k, n) { x[k] = clamp(x[k], 8); y[k] = x[k] * x[k]; }
  TILE(k, n) { p[k] = mad(y[k], TP[3], TP[2]); q[k] = y[k] + TQ[3]; }
  TILE(k, n) { p[k] = mad(p[k], y[k], TP[1]); q[k] = mad(q[k], y[k], TQ[2]); }
  TILE(k, n) { p[k] = mad(p[k], y[k], TP[0]); q[k] = mad(q[k], y[k], TQ[1]); }
  TILE(k, n) x[k] = x[k] * p[k] / mad(q[k], y[k], TQ[0]);
}
IN vf half_tanh(vf x) { half_tanhs(1, &x); return x; }
IN vf vtanh(vf x) { vf half = half_tanh(x); return half + half; }
IN vf sigmoid(vf x) { return half_tanh(x * 0.5f) + 0.5f; }

// Natural logarithm of positive normal numbers, relative error about 1e-6: exponent and series of artanh.
IN vf vlog(vf a) {
  vi q = (vi)a, e = (q >> 23) - 127;
  vf m = (vf)((q & 0x7fffff) | 0x3f800000);
  vi big = m > 1.41421356f;
  m = big ? m * 0.5f : m; e -= big;  // a true lane is -1
  vf s = (m - 1) / (m + 1), z = s * s;
  return __builtin_convertvector(e, vf) * 0.69314718f + 2 * s * (1 + z * (1 / 3.f + z * (1 / 5.f + z * (1 / 7.f + z * (1 / 9.f)))));
}
// exp(x), relative error about 2e-7; 0 below the range, a large number above.
IN vf vexp(vf x) {
  x = clamp(x, 87);
  vf n = __builtin_elementwise_floor(x * 1.44269504f + 0.5f), r = x - n * 0.693359375f + n * 2.12194440e-4f;  // ln 2 in two parts
  vf q = mad(r, 1.9875691500e-4f, 1.3981999507e-3f);
  q = mad(q, r, 8.3334519073e-3f); q = mad(q, r, 4.1665795894e-2f); q = mad(q, r, 1.6666665459e-1f); q = mad(q, r, 5.0000001201e-1f);
  vi power = (__builtin_convertvector(n, vi) + 127) << 23;
  return mad(q, r * r, r + 1) * (vf)power;
}
#endif
