// Checks that a module may stand after a phase. See Passes.td.

#include "dialects/QNN/IR/Dialect.h"
#include "dialects/QNN/IR/Ops.h"
#include "lib/Pipelines/Passes.h"
#include "qcc/Pipelines/Pipelines.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;

namespace qcc {

#define GEN_PASS_DEF_VERIFYPHASE
#include "lib/Pipelines/Passes.h.inc"

/// Ops of the qnn dialect that exist from phase storage on.
static bool isStored(Operation *op) {
  return isa<qnn::DecodeStoredOp, qnn::EncodeStoredOp, qnn::ContractOp,
             qnn::YieldOp>(op);
}

static bool hasFormatted(TypeRange types) {
  return llvm::any_of(types,
                      [](Type type) { return isa<qnn::FormattedType>(type); });
}

/// Why shared passes and the host know nothing of `op` behind `phase`; empty
/// where they do.
static std::string findObjection(Operation *op, Phase phase) {
  Dialect *dialect = op->getDialect();
  if (phase >= Phase::Lower)
    return isa_and_present<LLVM::LLVMDialect>(dialect)
               ? ""
               : "is not of the llvm dialect, and the target does not "
                 "know it";
  bool isKnown =
      isa_and_present<qnn::QNNDialect, arith::ArithDialect, math::MathDialect,
                      tensor::TensorDialect, affine::AffineDialect,
                      scf::SCFDialect, func::FuncDialect>(dialect) ||
      isa<cf::AssertOp>(op);
  if (!isKnown)
    return "belongs to a later phase";
  if (phase < Phase::Storage)
    return isStored(op) ? "belongs to phase storage and later" : "";
  auto hasFormattedArgument = [](Region &region) {
    return llvm::any_of(region, [](Block &block) {
      return hasFormatted(block.getArgumentTypes());
    });
  };
  if (hasFormatted(op->getOperandTypes()) ||
      hasFormatted(op->getResultTypes()) ||
      llvm::any_of(op->getRegions(), hasFormattedArgument))
    return "still has a !qnn.tensor";
  return "";
}

/// Whether the target that `op` belongs to has it as an op of its own.
static bool isTargets(Operation *op, Phase phase) {
  qnn::TargetAttr attribute = getTargetAttr(op);
  if (!attribute)
    return false;
  auto target = Targets::of(op->getContext()).resolve(attribute);
  if (target)
    return (*target)->isLegal(op, phase);
  llvm::consumeError(target.takeError()); // getTarget() tells it, in a pass
  return false;
}

/// Asks the targets of a module's functions and ops whether they can do them.
static LogicalResult askTargets(ModuleOp module) {
  LogicalResult result = success();
  module.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (op == module.getOperation() || !getTargetAttr(op))
      return WalkResult::advance();
    FailureOr<const Target *> target = getTarget(op);
    if (succeeded(target) && succeeded((*target)->checkOp(op)))
      return WalkResult::advance();
    result = failure();
    return failed(target) ? WalkResult::interrupt() : WalkResult::skip();
  });
  return result;
}

LogicalResult verifyPhase(ModuleOp module, Phase phase) {
  LogicalResult result = success();
  module.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (op == module.getOperation())
      return WalkResult::advance();
    std::string objection = findObjection(op, phase);
    if (objection.empty() || isTargets(op, phase))
      return WalkResult::advance();
    result = op->emitOpError(objection)
             << ", so the module cannot stand after phase '"
             << getPhaseName(phase) << "'";
    return WalkResult::skip(); // What it holds says the same again.
  });
  if (phase < Phase::Lower && !module.lookupSymbol<func::FuncOp>("main"))
    return module.emitError("has no function @main, which is the model");
  // What does not belong there is no target's to judge.
  if (phase == Phase::Place && succeeded(result))
    return askTargets(module);
  return result;
}

namespace {
struct VerifyPhase : impl::VerifyPhaseBase<VerifyPhase> {
  using VerifyPhaseBase::VerifyPhaseBase;

  void runOnOperation() override {
    std::optional<Phase> known = parsePhase(phase);
    if (!known) {
      getOperation().emitError("unknown phase '") << phase << "'";
      return signalPassFailure();
    }
    if (failed(verifyPhase(getOperation(), *known)))
      return signalPassFailure();
    markAllAnalysesPreserved();
  }
};
} // namespace

} // namespace qcc
