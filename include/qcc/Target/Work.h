// A computation, as targets are asked about it: only its value. The interface
// of the ops that are computations is dialects/QNN/IR's.

#ifndef QCC_TARGET_WORK_H
#define QCC_TARGET_WORK_H

#include "dialects/QNN/IR/Format.h"

#include "mlir/IR/Operation.h"

namespace qcc {

/// What is to be done: a qnn.conv or qnn.matmul whose weights (second operand)
/// are constant. The formats are parameters and not read from the op, so that a
/// search can ask about formats that no IR has yet; null: plain elements. That
/// of the weights has the outputs as its first axis, whatever the op's order.
struct Work {
  mlir::Operation *op;
  qnn::FormatAttr input, weights;
};

} // namespace qcc

#endif // QCC_TARGET_WORK_H
