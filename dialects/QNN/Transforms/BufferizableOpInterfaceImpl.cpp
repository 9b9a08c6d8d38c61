#include "dialects/QNN/Transforms/BufferizableOpInterfaceImpl.h"

#include "dialects/QNN/IR/Dialect.h"
#include "dialects/QNN/IR/Ops.h"

#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"

using namespace mlir;

namespace qcc::qnn {

namespace {

/// qnn.contract reads its inputs and writes its init in place.
struct ContractModel
    : bufferization::DstBufferizableOpInterfaceExternalModel<ContractModel,
                                                             ContractOp> {
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
    auto contract = cast<ContractOp>(op);
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
      buffers.push_back(*buffer);
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

} // namespace

void registerBufferizableOpInterfaceExternalModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, QNNDialect *) {
    ContractOp::attachInterface<ContractModel>(*context);
  });
}

} // namespace qcc::qnn
