#include "lib/Analysis/NodeLocation.h"

#include "mlir/IR/BuiltinAttributes.h"

using namespace mlir;

namespace qcc::analysis {

std::string NodeLocation::describe() const {
  return ("node '" + name + "' (" + op + ")").str();
}

std::optional<NodeLocation> getNode(Location location) {
  if (auto name = dyn_cast<NameLoc>(location)) {
    auto op = dyn_cast<NameLoc>(name.getChildLoc());
    auto file =
        op ? dyn_cast<FileLineColLoc>(op.getChildLoc()) : FileLineColLoc();
    if (file)
      return NodeLocation{name.getName(), op.getName(), file.getFilename()};
    return getNode(name.getChildLoc());
  }
  if (auto call = dyn_cast<CallSiteLoc>(location))
    return getNode(call.getCallee());
  if (auto fused = dyn_cast<FusedLoc>(location))
    for (Location part : llvm::reverse(fused.getLocations()))
      if (std::optional<NodeLocation> node = getNode(part))
        return node;
  return std::nullopt;
}

std::string describe(Location location) {
  if (std::optional<NodeLocation> node = getNode(location))
    return (node->file + ": ").str() + node->describe();
  if (auto file = dyn_cast<FileLineColLoc>(location)) {
    std::string text = file.getFilename().str();
    if (file.getLine() != 0)
      text += ":" + std::to_string(file.getLine()) + ":" +
              std::to_string(file.getColumn());
    return text;
  }
  if (auto name = dyn_cast<NameLoc>(location))
    return describe(name.getChildLoc());
  if (auto call = dyn_cast<CallSiteLoc>(location))
    return describe(call.getCallee());
  if (auto fused = dyn_cast<FusedLoc>(location))
    for (Location part : fused.getLocations())
      if (std::string text = describe(part); !text.empty())
        return text;
  return {};
}

} // namespace qcc::analysis
