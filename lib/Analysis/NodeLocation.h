// What a location says of the model: its nodes are what users know.

#ifndef LIB_ANALYSIS_NODELOCATION_H
#define LIB_ANALYSIS_NODELOCATION_H

#include "mlir/IR/Location.h"

#include <optional>
#include <string>

namespace qcc::analysis {

/// A node of the model, as the importer writes it into locations:
/// NAME(OP(file:0:0)).
struct NodeLocation {
  llvm::StringRef name, op, file;
  /// "node 'x' (Conv)"
  std::string describe() const;
};

/// The node that a location points to, the last one where several were fused.
std::optional<NodeLocation> getNode(mlir::Location location);

/// Where a location points to, as a user knows it: "m.onnx: node 'x' (Conv)"
/// or "file.mlir:3:7"; empty when it is unknown.
std::string describe(mlir::Location location);

} // namespace qcc::analysis

#endif // LIB_ANALYSIS_NODELOCATION_H
