// The region of a contraction, for vectors of channels.

#ifndef LIB_TARGET_CPU_KERNELS_EPILOGUE_H
#define LIB_TARGET_CPU_KERNELS_EPILOGUE_H

#include "lib/Target/CPU/Kernels/KernelBuilder.h"

namespace qcc::cpu {

class Epilogue {
public:
  /// Fails, after a diagnostic on the op that holds `block`, where an op of the
  /// block is not elementwise. `block` must outlive this.
  static mlir::FailureOr<Epilogue> create(mlir::Block &block);

  /// Values from outside the block that are not constants.
  llvm::ArrayRef<mlir::Value> getCaptured() const { return captured; }

  /// The text by which equal epilogues are recognized.
  std::string getKey() const;

  /// What the block yields for vectors of its arguments; `captured` stand for
  /// getCaptured(), as scalars.
  mlir::Value apply(KernelBuilder &b, mlir::ValueRange arguments,
                    mlir::ValueRange captured, int64_t lanes) const;

private:
  mlir::Block *block = nullptr;
  llvm::SmallVector<mlir::Value> captured;
};

} // namespace qcc::cpu

#endif // LIB_TARGET_CPU_KERNELS_EPILOGUE_H
