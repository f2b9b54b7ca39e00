#include "reduce.h"

#include <stdint.h>
#include <string.h>

// One version per kind of CPU, chosen when the library is loaded; additions are IEEE's in all of them, so members with
// different CPUs agree.
#define FOR_EVERY_CPU __attribute__((target_clones("avx512f", "avx2", "default")))

namespace {

inline float widen(uint16_t value) {
  uint32_t bits = static_cast<uint32_t>(value) << 16;
  float wide;
  memcpy(&wide, &bits, sizeof(wide));
  return wide;
}

// To the nearest, ties to even; NaN stays NaN.
inline uint16_t narrow(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof(bits));
  uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  uint32_t quiet = (bits >> 16) | 0x40;
  return static_cast<uint16_t>((bits & 0x7fffffff) > 0x7f800000 ? quiet : rounded);
}

FOR_EVERY_CPU void addFloats(float* result, const float* one, const float* other, size_t count) {
#pragma GCC ivdep
  for (size_t i = 0; i < count; i++) result[i] = one[i] + other[i];
}

FOR_EVERY_CPU void addBFloats(uint16_t* result, const uint16_t* one, const uint16_t* other, size_t count) {
#pragma GCC ivdep
  for (size_t i = 0; i < count; i++) result[i] = narrow(widen(one[i]) + widen(other[i]));
}

}  // namespace

namespace clipd {

void addFloat32(void* result, const void* one, const void* other, size_t count) {
  addFloats(static_cast<float*>(result), static_cast<const float*>(one), static_cast<const float*>(other), count);
}

void addBFloat16(void* result, const void* one, const void* other, size_t count) {
  addBFloats(static_cast<uint16_t*>(result), static_cast<const uint16_t*>(one), static_cast<const uint16_t*>(other), count);
}

}  // namespace clipd
