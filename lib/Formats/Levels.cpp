#include "lib/Formats/Levels.h"

#include <algorithm>
#include <cassert>

namespace qcc::formats {

Levels::Levels(std::string name, unsigned bits, std::vector<double> levels)
    : Codec(std::move(name), bits), levels(std::move(levels)) {
  assert(this->levels.size() == size_t(1) << bits &&
         std::is_sorted(this->levels.begin(), this->levels.end()));
}

double Levels::decode(uint32_t code, int64_t) const { return levels[code]; }

uint32_t Levels::encode(double value, int64_t) const {
  // NaN compares less than nothing, so it finds the first level.
  auto it = std::lower_bound(levels.begin(), levels.end(), value);
  auto above = static_cast<uint32_t>(it - levels.begin());
  if (above == 0)
    return 0;
  uint32_t below = above - 1;
  if (above == levels.size())
    return below;
  double toBelow = value - levels[below], toAbove = levels[above] - value;
  if (toBelow == toAbove)
    return below % 2 == 0 ? below : above;
  return toBelow < toAbove ? below : above;
}

} // namespace qcc::formats
