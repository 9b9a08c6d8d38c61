// What a kernel function gets: operands as flat memory, and numbers.

#ifndef LIB_TARGET_CPU_KERNELS_OPERANDS_H
#define LIB_TARGET_CPU_KERNELS_OPERANDS_H

#include "lib/Target/CPU/Kernels/KernelBuilder.h"

#include <string>

namespace qcc::cpu {

/// An operand as flat memory: memref<?xT, strided<[1], offset: ?>> and strides
/// in elements. Of an image [N, H, W, C] those of n, h, w; of rows [M, C] that
/// of a row. Innermost strides are 1.
struct View {
  enum Kind {
    Rows,     ///< Row m begins at m * strides[0].
    Image,    ///< Pixel (n, h, w) at the sum over three strides.
    Channels, ///< One element for each channel.
    Scalar,
  };
  Kind kind = Rows;
  /// Of rows or pixels: one element for all channels of each.
  bool isColumn = false;
  mlir::Value flat;
  llvm::SmallVector<mlir::Value, 3> strides;

  mlir::Type getElementType() const;
  bool isByRow() const { return kind == Rows || kind == Image; }
  void forEach(llvm::function_ref<void(mlir::Value &)> visit);
};

/// What an epilogue reads of `extra` for `lanes` channels from `channel` on, of
/// which `used` are there. `row` is where those of the row or pixel begin; only
/// where the extra has elements for each.
mlir::Value loadExtra(KernelBuilder &b, const View &extra, mlir::Value row,
                      mlir::Value channel, int64_t lanes, int64_t used);

/// Whether the elements of the innermost axis lie side by side.
bool isLastAxisDense(mlir::MemRefType type);

/// `memory` as flat memory, its strides in `strides`; fails where the innermost
/// one is not 1 or unknown.
mlir::FailureOr<mlir::Value>
flatten(KernelBuilder &b, mlir::Value memory,
        llvm::SmallVectorImpl<mlir::Value> &strides);

/// Bytes `stream` as elements of `type`; a memory of that type as it is.
mlir::FailureOr<mlir::Value> flattenStream(KernelBuilder &b, mlir::Value stream,
                                           mlir::Type type);

/// Whether pixels of an image in memory lie at equal distances, so that it is a
/// matrix of N * H * W rows.
bool isCollapsible(mlir::MemRefType type);

/// All arguments of a kernel that sums products. Fields are values of the
/// caller, and then, after bindTo, of the function.
struct ContractArgs {
  View input, init;
  mlir::Value weights;
  mlir::Value start;     ///< Null: zero.
  mlir::Value rowScales; ///< Of codes with a scale for each row; null.
  View rowSums;          ///< Of the same codes, of each block; null.
  llvm::SmallVector<View> extras;
  llvm::SmallVector<mlir::Value> captured; ///< Scalars the epilogue reads.

  mlir::Value begin, end;    ///< Rows of the work item.
  mlir::Value inputOffset;   ///< First channel of the group.
  mlir::Value weightsOffset; ///< Of the panel, in its elements.
  mlir::Value channel;       ///< First channel of the panel.
  mlir::Value outH, outW;    ///< Extents that split a row into n, h, w.
  mlir::Value windowH, windowW, channels; ///< Extents of the sum.
  mlir::Value tapH, tapW;        ///< Distance in the input between taps.
  mlir::Value zeroPoints, codes; ///< Where they begin in a panel's stream.

  void forEach(llvm::function_ref<void(mlir::Value &)> visit);
  llvm::SmallVector<mlir::Value> getValues();
  /// Makes the fields those of a function that was made for getValues().
  void bindTo(mlir::ValueRange arguments);
};

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_KERNELS_OPERANDS_H
