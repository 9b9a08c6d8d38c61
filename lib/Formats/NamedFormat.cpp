#include "lib/Formats/NamedFormat.h"

#include <utility>

qcc::formats::NamedFormat
qcc::formats::makeMicroscaling(std::string name, std::string codec,
                               std::string description) {
  NamedFormat format;
  format.name = std::move(name);
  format.description = std::move(description);
  format.codec = std::move(codec);
  format.sharing = Sharing::Group;
  format.groupSize = 32;
  format.scaleType = "f8E8M0FNU";
  format.isFixed = true;
  return format;
}
