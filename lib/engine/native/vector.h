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

// Asks for a line of memory that is needed soon.
#if defined __wasm__
IN void fetch(const float *p) { (void)p; }
#else
IN void fetch(const float *p) { __builtin_prefetch(p); }
#endif
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

// tanh(x) = x P(x^2) / Q(x^2) on |x| <= 8, error 1.3e-7 before rounding; sigmoid(x) = 1/2 + tanh(x/2)/2 with rescaled coefficients.
static const float TP[] = {9.999993620e-01f, 1.291363960e-01f, 2.938826010e-03f, 1.131020738e-05f},
                   TQ[] = {1.f, 4.624673833e-01f, 2.376381989e-02f, 2.370282425e-04f, 2.423836426e-07f},
                   SP[] = {2.499998405e-01f, 8.071024750e-03f, 4.591915640e-05f, 4.418049758e-08f},
                   SQ[] = {1.f, 1.156168458e-01f, 1.485238743e-03f, 3.703566288e-06f, 9.468111039e-10f};
IN vf ratio(vf x, const float *P, const float *Q) {
  vf y = x * x, p = mad(y, P[3], P[2]), q = mad(y, Q[4], Q[3]);
  p = mad(p, y, P[1]); q = mad(q, y, Q[2]);
  p = mad(p, y, P[0]); q = mad(q, y, Q[1]);
  return x * p / mad(q, y, 1.f);
}
IN vf vtanh(vf x) { return ratio(clamp(x, 8), TP, TQ); }
// tanh of n vectors, at most 8, abreast: their latencies overlap, and a coefficient is loaded once for all.
IN void vtanhs(const int n, vf *x) {
  vf y[8], p[8], q[8];
  TILE(k, n) { x[k] = clamp(x[k], 8); y[k] = x[k] * x[k]; }
  TILE(k, n) { p[k] = mad(y[k], TP[3], TP[2]); q[k] = mad(y[k], TQ[4], TQ[3]); }
  TILE(k, n) { p[k] = mad(p[k], y[k], TP[1]); q[k] = mad(q[k], y[k], TQ[2]); }
  TILE(k, n) { p[k] = mad(p[k], y[k], TP[0]); q[k] = mad(q[k], y[k], TQ[1]); }
  TILE(k, n) x[k] = x[k] * p[k] / mad(q[k], y[k], 1.f);
}
IN vf sigmoid(vf x) { return ratio(clamp(x, 16), SP, SQ) + 0.5f; }

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
