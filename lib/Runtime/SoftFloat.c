// The helpers that LLVM calls for 16-bit floats and integer powers where the
// processor has no instruction. Compiler-rt's are not on every user's machine.
//
// On x86-64 and aarch64 both 16-bit types travel in a vector register, so
// _Float16 stands for bfloat16 too; only its bits are ever looked at.

#include <stdint.h>
#include <string.h>

typedef struct {
  int mantissa; // bits without the leading one
  int bias;
} narrow_format;

static const narrow_format half = {10, 15}, bfloat = {7, 127};

// Rounds to nearest even, once; so for float it is called with the double of
// the same value.
static uint16_t round_to(narrow_format format, double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof(bits));
  uint16_t sign = (uint16_t)(bits >> 63 << 15);
  uint16_t infinity = (uint16_t)((2 * format.bias + 1) << format.mantissa);
  uint64_t magnitude = bits & INT64_MAX;
  uint64_t fraction = magnitude & ((UINT64_C(1) << 52) - 1);
  int exponent = (int)(magnitude >> 52) - 1023;
  if (exponent == 1024 && fraction) {
    uint16_t quiet = (uint16_t)(1 << (format.mantissa - 1));
    return sign | infinity | quiet |
           (uint16_t)(fraction >> (52 - format.mantissa));
  }
  if (exponent > format.bias)
    return sign | infinity;
  if (exponent == -1023) // zero, or less than any format here can tell
    return sign;
  uint64_t significand = fraction | UINT64_C(1) << 52;
  int shift = 52 - format.mantissa, lowest = 1 - format.bias;
  if (exponent < lowest)
    shift += lowest - exponent;
  if (shift > 53)
    return sign;
  uint64_t kept = significand >> shift, middle = UINT64_C(1) << (shift - 1);
  uint64_t rest = significand & ((UINT64_C(1) << shift) - 1);
  kept += rest > middle || (rest == middle && (kept & 1));
  // `kept` has the leading one of a normal number; a carry moves on into the
  // exponent and, from the largest number, to infinity.
  uint64_t scale = exponent < lowest ? 0 : (uint64_t)(exponent - lowest);
  return sign | (uint16_t)((scale << format.mantissa) + kept);
}

static float extend_half(uint16_t bits) {
  uint32_t sign = (uint32_t)(bits >> 15) << 31;
  uint32_t exponent = bits >> 10 & 31, fraction = bits & 1023;
  float value;
  if (exponent == 0) {
    value = (float)fraction * 0x1p-24f;
    memcpy(&fraction, &value, sizeof(fraction));
    fraction |= sign;
    memcpy(&value, &fraction, sizeof(value));
    return value;
  }
  uint32_t wide = sign | fraction << 13;
  wide |= exponent == 31 ? UINT32_C(255) << 23 : (exponent + 112) << 23;
  if (exponent == 31 && fraction)
    wide |= UINT32_C(1) << 22;
  memcpy(&value, &wide, sizeof(value));
  return value;
}

static _Float16 carry(uint16_t bits) {
  _Float16 value;
  memcpy(&value, &bits, sizeof(value));
  return value;
}

static uint16_t get_bits(_Float16 value) {
  uint16_t bits;
  memcpy(&bits, &value, sizeof(bits));
  return bits;
}

_Float16 __truncsfhf2(float value) { return carry(round_to(half, value)); }
_Float16 __truncdfhf2(double value) { return carry(round_to(half, value)); }
_Float16 __truncsfbf2(float value) { return carry(round_to(bfloat, value)); }
_Float16 __truncdfbf2(double value) { return carry(round_to(bfloat, value)); }
float __extendhfsf2(_Float16 value) { return extend_half(get_bits(value)); }
double __extendhfdf2(_Float16 value) { return extend_half(get_bits(value)); }

double __powidf2(double base, int power) {
  double result = 1;
  for (unsigned n = power < 0 ? 0u - (unsigned)power : (unsigned)power; n;
       n >>= 1, base *= base)
    if (n & 1)
      result *= base;
  return power < 0 ? 1 / result : result;
}

float __powisf2(float base, int power) {
  float result = 1;
  for (unsigned n = power < 0 ? 0u - (unsigned)power : (unsigned)power; n;
       n >>= 1, base *= base)
    if (n & 1)
      result *= base;
  return power < 0 ? 1 / result : result;
}
