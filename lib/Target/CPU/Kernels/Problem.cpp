#include "lib/Target/CPU/Kernels/Problem.h"

using namespace mlir;
using namespace qcc::cpu;

MemRefType Problem::getInputType() const {
  qnn::ContractOp contract = op;
  return cast<MemRefType>(contract.getInput().getType());
}

MemRefType Problem::getInitType() const {
  qnn::ContractOp contract = op;
  return cast<MemRefType>(contract.getInit().getType());
}

/// Whether pixels of a line lie side by side without a gap.
static bool hasDenseLines(MemRefType type) {
  SmallVector<int64_t> strides;
  int64_t offset;
  return succeeded(type.getStridesAndOffset(strides, offset)) &&
         strides[type.getRank() - 2] == type.getShape().back();
}

FailureOr<Problem> Problem::create(qnn::ContractOp op) {
  if (!op.getKernel())
    return op.emitOpError("has no kernel; a decision pass (qnn-decide-kernels) "
                          "must run before kernels are made");
  auto config = KernelConfig::parse(*op.getKernel());
  if (!config)
    return op.emitOpError() << llvm::toString(config.takeError());
  Problem problem;
  problem.op = op;
  problem.config = *config;
  auto inputType = problem.getInputType(), initType = problem.getInitType();
  problem.groups = op.getGroups();
  problem.channels = inputType.getShape().back();
  problem.outputs = initType.getShape().back();
  if (ShapedType::isDynamic(problem.channels) ||
      ShapedType::isDynamic(problem.outputs))
    return op.emitOpError("needs static numbers of channels, got ")
           << inputType << " and " << initType;
  problem.channels /= problem.groups;
  problem.outputs /= problem.groups;
  problem.windowH = op.getWindow()[0];
  problem.windowW = op.getWindow()[1];
  bool isDepthwise = problem.config.shape == Shape::Depthwise;
  if (isDepthwise && (problem.channels != 1 || problem.outputs != 1 ||
                      inputType.getRank() != 4))
    return op.emitOpError("is no depthwise convolution of images, which is all "
                          "that kernel '")
           << op.getKernel()->getName() << "' does";
  if (!isDepthwise && problem.windowW > 1 && problem.groups == 1 &&
      op.getDilations()[1] == 1 && hasDenseLines(inputType)) {
    problem.isMerged = true;
    problem.channels *= problem.windowW;
    problem.windowW = 1;
  }
  return problem;
}
