#include "lib/Formats/Packing.h"

namespace qcc::formats {

/// Bits that a code takes: those above a byte round up to whole bytes.
static unsigned getStoredBits(unsigned bits) {
  return bits <= 8 ? bits : bits <= 16 ? 16 : 32;
}

static uint64_t getMask(unsigned bits) { return (uint64_t(1) << bits) - 1; }

int64_t getRowBytes(int64_t count, unsigned bits) {
  return (count * getStoredBits(bits) + 7) / 8;
}

uint32_t readCode(const uint8_t *row, int64_t i, unsigned bits) {
  unsigned stored = getStoredBits(bits);
  int64_t position = i * stored, byte = position / 8;
  unsigned shift = position % 8;
  uint64_t value = 0;
  for (unsigned read = 0; read < shift + stored; read += 8, ++byte)
    value |= uint64_t(row[byte]) << read;
  return static_cast<uint32_t>((value >> shift) & getMask(bits));
}

void writeCode(uint8_t *row, int64_t i, unsigned bits, uint32_t code) {
  unsigned stored = getStoredBits(bits);
  int64_t position = i * stored, byte = position / 8;
  unsigned shift = position % 8;
  uint64_t mask = getMask(stored) << shift;
  uint64_t value = (uint64_t(code) & getMask(bits)) << shift;
  for (; mask != 0; mask >>= 8, value >>= 8, ++byte)
    row[byte] = static_cast<uint8_t>((row[byte] & ~mask) | value);
}

} // namespace qcc::formats
