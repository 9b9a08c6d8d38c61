// Codecs whose codes stand for given numbers.

#ifndef LIB_FORMATS_LEVELS_H
#define LIB_FORMATS_LEVELS_H

#include "lib/Formats/Codec.h"

namespace qcc::formats {

class Levels : public Codec {
public:
  /// `levels` are ascending, one for each code of `bits` bits.
  Levels(std::string name, unsigned bits, std::vector<double> levels);

  double decode(uint32_t code, int64_t zeroPoint) const override;
  uint32_t encode(double value, int64_t zeroPoint) const override;

private:
  std::vector<double> levels;
};

} // namespace qcc::formats

#endif // LIB_FORMATS_LEVELS_H
