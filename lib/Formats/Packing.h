// Codes in memory. Codes narrower than a byte lie side by side, the first in
// the lowest bits, and may run on from one byte into the next; each innermost
// row of a tensor starts at a byte of its own. Wider codes take 1, 2 or 4
// bytes, little endian.

#ifndef LIB_FORMATS_PACKING_H
#define LIB_FORMATS_PACKING_H

#include <cstdint>

namespace qcc::formats {

/// Bytes that `count` codes of `bits` bits take in a row.
int64_t getRowBytes(int64_t count, unsigned bits);

/// Code `i` of a row.
uint32_t readCode(const uint8_t *row, int64_t i, unsigned bits);

/// Writes code `i` of a row and leaves its neighbours as they are.
void writeCode(uint8_t *row, int64_t i, unsigned bits, uint32_t code);

} // namespace qcc::formats

#endif // LIB_FORMATS_PACKING_H
