// Tensors to memory. See Passes.td.

#include "dialects/QNN/IR/Dialect.h"
#include "dialects/QNN/IR/Ops.h"
#include "lib/Analysis/DecodedWeights.h"
#include "lib/Host/Memory.h"
#include "lib/Target/CPU/Kernels/Problem.h"
#include "lib/Target/CPU/Lowering/Passes.h"

#include "mlir/Dialect/Arith/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"
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

/// A copy of what is read, if no kernel can read it where it lies.
static Value makeReadable(OpBuilder &builder, qnn::ContractOp op, Value operand,
                          Value buffer) {
  auto type = cast<MemRefType>(buffer.getType());
  if (operand == op.getInit())
    return buffer;
  bool isReadable =
      operand == op.getInput() ? !needsCopy(op, type) : isLastAxisDense(type);
  if (isReadable)
    return buffer;
  SmallVector<Value> sizes;
  for (int64_t axis = 0; axis < type.getRank(); ++axis)
    if (type.isDynamicDim(axis))
      sizes.push_back(
          memref::DimOp::create(builder, op.getLoc(), buffer, axis));
  auto dense = MemRefType::get(type.getShape(), type.getElementType());
  constexpr int64_t alignment = 64;
  Value copy = memref::AllocOp::create(builder, op.getLoc(), dense, sizes,
                                       builder.getI64IntegerAttr(alignment));
  memref::CopyOp::create(builder, op.getLoc(), buffer, copy);
  return copy;
}

namespace {

/// qnn.contract reads its inputs and writes its init in place.
struct ContractModel
    : bufferization::DstBufferizableOpInterfaceExternalModel<ContractModel,
                                                             qnn::ContractOp> {
  bool bufferizesToMemoryRead(Operation *op, OpOperand &operand,
                              const bufferization::AnalysisState &) const {
    return !cast<DestinationStyleOpInterface>(op).isDpsInit(&operand);
  }

  /// Elements of the output are written while inputs are still read.
  bool bufferizesToElementwiseAccess(Operation *,
                                     const bufferization::AnalysisState &,
                                     ArrayRef<OpOperand *>) const {
    return false;
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const bufferization::BufferizationOptions &options,
                          bufferization::BufferizationState &state) const {
    auto contract = cast<qnn::ContractOp>(op);
    rewriter.setInsertionPoint(op);
    SmallVector<Value> buffers;
    for (Value operand : op->getOperands()) {
      if (!isa<TensorType>(operand.getType())) {
        buffers.push_back(operand);
        continue;
      }
      FailureOr<Value> buffer =
          bufferization::getBuffer(rewriter, operand, options, state);
      if (failed(buffer))
        return failure();
      buffers.push_back(makeReadable(rewriter, contract, operand, *buffer));
    }
    OperationState fresh(op->getLoc(), op->getName(), buffers, TypeRange(),
                         op->getAttrs());
    fresh.addRegion()->takeBody(contract.getEpilogue());
    fresh.propertiesAttr = op->getPropertiesAsAttribute();
    rewriter.create(fresh);
    bufferization::replaceOpWithBufferizedValues(
        rewriter, op, buffers[contract.getInitMutable().getOperandNumber()]);
    return success();
  }
};

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
  registry.addExtension(+[](MLIRContext *context, qnn::QNNDialect *) {
    qnn::ContractOp::attachInterface<ContractModel>(*context);
  });
}

} // namespace qcc::cpu
