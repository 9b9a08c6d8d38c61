// A model's function, as code for the toy.

#ifndef TEST_LIB_TARGET_TOY_PROGRAM_H
#define TEST_LIB_TARGET_TOY_PROGRAM_H

#include "qcc/Target/TargetModel.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <string>
#include <vector>

namespace qcc::toy {

/// An input or output of the model in the workspace; bytes.
struct Port {
  int64_t offset = 0;
  int64_t bytes = 0; ///< Of one sample, where samples are counted by the run.
};

/// One sample at a time: the first axis of values is the samples where its
/// extent is known only to a run, and such extents are all the same.
struct Program {
  std::string code;
  std::vector<std::string> entries; ///< To be launched in this order.
  std::vector<uint32_t> constants;
  int64_t workspaceBytes = 0;
  std::vector<Port> inputs, outputs;
};

/// `main` stands behind phase storage. A diagnostic says what the toy cannot
/// do.
mlir::FailureOr<Program> buildProgram(mlir::func::FuncOp main);

/// Target::checkOp; `model` says which kernels the toy has.
mlir::LogicalResult checkOp(mlir::Operation *op, const TargetModel &model);

/// Whether inputs and outputs of a function are such as the toy has, and
/// samples are those of all of them, or there are none.
mlir::LogicalResult checkInterface(mlir::func::FuncOp main);

/// Whether the first axis of a tensor counts samples.
bool hasSamples(mlir::Type type);

} // namespace qcc::toy

#endif // TEST_LIB_TARGET_TOY_PROGRAM_H
