// Tensors to memory. See Passes.td.

#include "dialects/QNN/Transforms/BufferizableOpInterfaceImpl.h"
#include "lib/Analysis/DecodedWeights.h"
#include "lib/Host/Memory.h"
#include "lib/Target/CPU/Lowering/Passes.h"

#include "mlir/Dialect/Arith/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/Transforms/FuncBufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotModuleBufferize.h"
#include "mlir/Dialect/Bufferization/Transforms/Transforms.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Linalg/Transforms/SubsetInsertionOpInterfaceImpl.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/IR/TensorInferTypeOpInterfaceImpl.h"
#include "mlir/Dialect/Tensor/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Tensor/Transforms/SubsetInsertionOpInterfaceImpl.h"

using namespace mlir;
using namespace qcc::host;

namespace qcc::cpu {

#define GEN_PASS_DEF_BUFFERIZE
#include "lib/Target/CPU/Lowering/Passes.h.inc"

namespace {

struct Bufferize : impl::BufferizeBase<Bufferize> {
  void getDependentDialects(DialectRegistry &registry) const override {
    BufferizeBase::getDependentDialects(registry);
    registerBufferizationModels(registry);
  }

  void runOnOperation() override {
    bufferization::OneShotBufferizationOptions options = getOptions();
    markInputsReadOnly();
    separateInits();
    IRRewriter rewriter(&getContext());
    bufferization::BufferizationState state;
    bufferization::OneShotAnalysisState analysis(getOperation(), options);
    if (failed(bufferization::analyzeModuleOp(getOperation(), analysis)) ||
        failed(bufferization::eliminateEmptyTensors(rewriter, getOperation(),
                                                    analysis)))
      return signalPassFailure();
    // In memory nobody knows any more what a loop reads.
    for (Operation *op : analysis::findDecodingLoops(getOperation()))
      op->setAttr(decodedAttr, UnitAttr::get(&getContext()));
    if (failed(bufferization::runOneShotModuleBufferize(getOperation(), options,
                                                        state)))
      return signalPassFailure();
    markDecodedBuffers();
    dropMarks();
  }

private:
  static bufferization::OneShotBufferizationOptions getOptions() {
    bufferization::OneShotBufferizationOptions options;
    options.bufferizeFunctionBoundaries = true;
    options.allowReturnAllocsFromLoops = true;
    options.bufferAlignment = 64;
    options.setFunctionBoundaryTypeConversion(
        bufferization::LayoutMapOption::IdentityLayoutMap);
    options.unknownTypeConverterFn =
        [](TensorType type, Attribute space,
           const bufferization::BufferizationOptions &) {
          return bufferization::getMemRefTypeWithStaticIdentityLayout(type,
                                                                      space);
        };
    return options;
  }

  /// Equal tensors were merged; those that are only written to would become one
  /// buffer that lives from the first writer to the last, or be copied for
  /// each.
  void separateInits() {
    SmallVector<Operation *> fills, empties;
    getOperation()->walk([&](Operation *op) {
      if (isa<linalg::FillOp>(op))
        fills.push_back(op);
      else if (isa<tensor::EmptyOp>(op))
        empties.push_back(op);
    });
    // Fills first: each then writes to an empty tensor of its own.
    for (Operation *op : llvm::concat<Operation *>(fills, empties))
      if (op->getNumResults() == 1)
        separateUses(op);
  }

  /// Not of users in a loop's body: it may run in parallel.
  static void separateUses(Operation *op) {
    SmallVector<OpOperand *> writers;
    for (OpOperand &use : op->getUses())
      if (use.getOwner()->getBlock() == op->getBlock() && isDestination(use))
        writers.push_back(&use);
    for (OpOperand *use : writers) {
      if (op->hasOneUse())
        return;
      OpBuilder builder(use->getOwner());
      use->set(builder.clone(*op)->getResult(0));
    }
  }

  static bool isDestination(OpOperand &use) {
    Operation *user = use.getOwner();
    if (auto insert = dyn_cast<tensor::InsertSliceOp>(user))
      return &use == &insert.getDestMutable();
    auto writer = dyn_cast<DestinationStyleOpInterface>(user);
    return writer && writer.isDpsInit(&use);
  }

  void markInputsReadOnly() {
    auto no = BoolAttr::get(&getContext(), false);
    getOperation()->walk([&](func::FuncOp function) {
      for (unsigned i = 0; i < function.getNumArguments(); ++i)
        if (isa<TensorType>(function.getArgumentTypes()[i]))
          function.setArgAttr(
              i, bufferization::BufferizationDialect::kWritableAttrName, no);
    });
  }

  /// host-verify-memory looks at allocations.
  void markDecodedBuffers() {
    getOperation()->walk([](linalg::LinalgOp op) {
      auto mark = op->removeAttr(decodedAttr);
      if (!mark)
        return;
      for (Value init : op.getDpsInits())
        if (auto alloc = getRoot(init).getDefiningOp<memref::AllocOp>())
          alloc->setAttr(decodedAttr, mark);
    });
  }

  void dropMarks() {
    getOperation()->walk([&](func::FuncOp function) {
      for (unsigned i = 0; i < function.getNumArguments(); ++i)
        function.removeArgAttr(
            i, bufferization::BufferizationDialect::kWritableAttrName);
    });
  }
};

} // namespace

void registerBufferizationModels(DialectRegistry &registry) {
  arith::registerBufferizableOpInterfaceExternalModels(registry);
  bufferization::func_ext::registerBufferizableOpInterfaceExternalModels(
      registry);
  linalg::registerBufferizableOpInterfaceExternalModels(registry);
  linalg::registerSubsetOpInterfaceExternalModels(registry);
  scf::registerBufferizableOpInterfaceExternalModels(registry);
  tensor::registerBufferizableOpInterfaceExternalModels(registry);
  tensor::registerSubsetOpInterfaceExternalModels(registry);
  tensor::registerInferTypeOpInterfaceExternalModels(registry);
  qnn::registerBufferizableOpInterfaceExternalModels(registry);
}

} // namespace qcc::cpu
