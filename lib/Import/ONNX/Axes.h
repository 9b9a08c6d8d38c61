// Axes that a node names, as numbers or as values that are known only when the
// model runs. Of those, too, their number is known, so the rank of a result is.

#ifndef LIB_IMPORT_ONNX_AXES_H
#define LIB_IMPORT_ONNX_AXES_H

#include "lib/Import/ONNX/Node.h"

namespace qcc::importer {

/// Fails at run time unless a tensor of the rank has the axis; negative ones
/// count from the end.
void checkAxis(Emit &e, OpFoldResult axis, int64_t rank);

class Axes {
public:
  /// Of a tensor of the rank; each once, counted from the front.
  Axes(llvm::SmallVector<int64_t> axes) : fixed(std::move(axes)) {}
  /// As the model gives them: negative ones count from the end.
  Axes(Emit &e, llvm::ArrayRef<OpFoldResult> given, int64_t rank);

  bool isFixed() const { return named.empty(); }
  bool empty() const { return isFixed() ? fixed.empty() : count == 0; }
  Ints getFixed() const { return fixed; }
  /// Whether the axis is among them, as i1.
  OpFoldResult isNamed(Emit &e, int64_t axis) const;

  /// Reduced axes keep an extent of 1 or vanish.
  Value reduce(Emit &e, qnn::ReduceKind kind, Value x, bool keepDims) const;
  /// Without the axes, whose extents are 1.
  Value drop(Emit &e, Value x) const;
  /// With axes of extent 1 added; they are axes of the result.
  Value insert(Emit &e, Value x) const;

private:
  llvm::SmallVector<int64_t> fixed;
  /// For each axis whether it is named; empty when they are fixed.
  llvm::SmallVector<OpFoldResult> named;
  int64_t count = 0;
};

/// The axes of an attribute, or of input `i`; nothing where neither is there.
mlir::FailureOr<std::optional<Axes>> getAxes(Node &n, llvm::StringRef name,
                                             int i, int64_t rank);

} // namespace qcc::importer

#endif // LIB_IMPORT_ONNX_AXES_H
