// How a window moves over the spatial axes of [N, C, spatial...]: what Conv,
// the pools and their quantized kin have in common.

#ifndef LIB_IMPORT_ONNX_WINDOW_H
#define LIB_IMPORT_ONNX_WINDOW_H

#include "lib/Import/ONNX/Node.h"

namespace qcc::importer {

struct Window {
  llvm::SmallVector<int64_t> size, strides, dilations;
  /// Before and after each spatial axis. Dynamic where auto_pad asks for pads
  /// that depend on a dynamic extent.
  Extents before, after;
  bool ceilMode = false;

  int64_t rank() const { return size.size(); }
  /// Elements that a window spans along an axis.
  int64_t reach(int64_t axis) const {
    return (size[axis] - 1) * dilations[axis] + 1;
  }
  /// All pads before, then all after, where they are known and not negative.
  std::optional<llvm::SmallVector<int64_t>> getPads() const;
  void clearPads(Emit &e);
  /// The number of windows along each axis of an input with these extents.
  Extents getCounts(Emit &e, llvm::ArrayRef<OpFoldResult> spatial) const;

private:
  /// Checks at run time what is not known: that a window finds elements along
  /// an axis with `room` beside it for other windows.
  void checkFits(Emit &e, int64_t axis, OpFoldResult extent, OpFoldResult room,
                 OpFoldResult count) const;
};

/// The window of a node whose input has the given extents, [N, C, spatial...].
/// `size` is used where the node has no kernel_shape.
mlir::FailureOr<Window> getWindow(Node &n, llvm::ArrayRef<OpFoldResult> input,
                                  Ints size = {});

/// Whether the elements of a window, whose extents are positive, can be listed.
llvm::LogicalResult checkWindowSize(Node &n, Ints size);

/// As Emit::pad, and slices where a pad is negative.
Value padOrCrop(Emit &e, qnn::PadMode mode, Value x, Extents low, Extents high,
                Value value);

/// `x` with the window's pads made explicit, if qnn's ops cannot take them; the
/// window then has none.
Value makePadsExplicit(Emit &e, Window &window, Value x, Value value = {});

/// An error of the run where a bias has not one element for each channel; where
/// that is known it is left to whoever takes the bias.
void checkBias(Emit &e, Value bias, OpFoldResult channels);

/// A convolution of plain or formatted operands. An explicit pad is of zeros,
/// so formatted operands need pads that getPads() knows.
Value makeConv(Emit &e, Value x, Value weights, Value bias, Window window,
               int64_t groups, bool accumulators = false);

/// A pool; its pads are known to getPads().
Value makePool(Emit &e, qnn::PoolKind kind, Value x, const Window &window,
               bool countPadding);

} // namespace qcc::importer

#endif // LIB_IMPORT_ONNX_WINDOW_H
