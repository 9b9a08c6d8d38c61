#include "lib/Fuse/Groups.h"

using namespace mlir;

namespace qcc::fuse {

Location joinLocations(Location other, Location main) {
  SmallVector<Location> parts = getParts(other);
  SmallVector<Location> last = getParts(main);
  // One that both have stands where the main op's do.
  llvm::erase_if(parts,
                 [&](Location part) { return llvm::is_contained(last, part); });
  parts.append(last);
  return FusedLoc::get(main.getContext(), parts);
}

SmallVector<Location> getParts(Location location) {
  SmallVector<Location> parts;
  if (auto fused = dyn_cast<FusedLoc>(location))
    for (Location part : fused.getLocations())
      parts.append(getParts(part));
  else
    parts.push_back(location);
  return parts;
}

std::optional<SmallVector<SmallVector<Location>>> getGroups(ModuleOp lowered) {
  auto recorded = lowered->getAttrOfType<ArrayAttr>(groupsAttr);
  if (!recorded)
    return std::nullopt;
  SmallVector<SmallVector<Location>> groups;
  for (auto location : recorded.getAsRange<LocationAttr>())
    groups.push_back(getParts(location));
  return groups;
}

} // namespace qcc::fuse
