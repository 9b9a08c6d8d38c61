// Lowers phase storage to structured loops on tensors. See Passes.td.

#include "dialects/QNN/IR/Dialect.h"
#include "lib/Conversion/QNNToLinalg/Lowering.h"
#include "lib/Conversion/QNNToLinalg/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace qcc::qnn;

namespace qcc::conversion {

#define GEN_PASS_DEF_CONVERTQNNTOLINALG
#include "lib/Conversion/QNNToLinalg/Passes.h.inc"

namespace {

/// The elements of a constant in their storage type; the blob of a resource is
/// shared.
ElementsAttr retype(ElementsAttr elements) {
  auto type = cast<RankedTensorType>(elements.getType());
  auto stored = cast<RankedTensorType>(getStorageType(type));
  if (stored == type)
    return elements;
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements))
    return DenseResourceElementsAttr::get(stored, resource.getRawHandle());
  auto dense = cast<DenseElementsAttr>(elements);
  unsigned bits = stored.getElementTypeBitWidth();
  bool isUnsigned = type.getElementType().isUnsignedInteger();
  bool isWidened = bits != type.getElementTypeBitWidth();
  if (!isWidened && !isa<FloatType>(type.getElementType()))
    return DenseElementsAttr::getFromRawBuffer(stored, dense.getRawData());
  auto widen = [&](APInt value) {
    return isUnsigned ? value.zextOrTrunc(bits) : value.sextOrTrunc(bits);
  };
  SmallVector<APInt> values;
  if (isa<FloatType>(type.getElementType()))
    for (APFloat value : dense.getValues<APFloat>())
      values.push_back(value.bitcastToAPInt().zextOrTrunc(bits));
  else
    for (APInt value : dense.getValues<APInt>())
      values.push_back(widen(value));
  if (dense.isSplat())
    values.resize(1);
  return DenseElementsAttr::get(stored, values);
}

struct ConvertQNNToLinalg : impl::ConvertQNNToLinalgBase<ConvertQNNToLinalg> {
  void runOnOperation() override {
    if (failed(lowerOps()))
      return signalPassFailure();
    retypeModule();
  }

private:
  LogicalResult lowerOps() {
    SmallVector<Operation *> ops;
    getOperation()->walk([&](Operation *op) {
      if (isa_and_nonnull<QNNDialect>(op->getDialect()) &&
          !isa<ContractOp, YieldOp>(op))
        ops.push_back(op);
    });
    for (Operation *op : ops) {
      Emitter emit(op);
      Values results = lowerOp(op, emit);
      if (results.empty() && op->getNumResults() != 0)
        return op->emitOpError(
            "has no lowering below phase storage; it must be "
            "rewritten by a pass before");
      replace(op, results, emit);
      ++numLowered;
    }
    return success();
  }

  /// Nothing for an op that has no place in this phase.
  static Values lowerOp(Operation *op, Emitter &emit) {
    return TypeSwitch<Operation *, Values>(op)
        .Case<ArgReduceOp, BinaryOp, BitcastOp, CastOp, CompareOp, ConcatOp,
              ConvOp, DecodeStoredOp, EncodeStoredOp, ExpandOp,
              GatherElementsOp, GatherNDOp, GatherOp, GridSampleOp, IotaOp,
              MatmulOp, NonZeroOp, PadOp, PoolOp, ReduceOp, ReshapeOp, ResizeOp,
              CumulateOp, ScatterElementsOp, ScatterNDOp, SelectOp, SliceOp,
              TestOp, TileOp, TopKOp, TransposeOp, UnaryOp>(
            [&](auto known) { return lower(known, emit); })
        .Default([](Operation *) { return Values(); });
  }

  static void replace(Operation *op, ValueRange results, Emitter &emit) {
    for (auto [old, value] : llvm::zip_equal(op->getResults(), results)) {
      Type stored = getStorageType(old.getType());
      Value result = value;
      if (result.getType() != stored)
        result = tensor::CastOp::create(emit, stored, result);
      if (stored != old.getType())
        result = UnrealizedConversionCastOp::create(emit, old.getType(), result)
                     .getResult(0);
      old.replaceAllUsesWith(result);
    }
    op->erase();
  }

  /// Gives every value its storage type; casts between the two vanish.
  void retypeModule() {
    getOperation()->walk([](Operation *op) {
      for (OpResult result : op->getResults())
        result.setType(getStorageType(result.getType()));
      for (Region &region : op->getRegions())
        for (Block &block : region)
          for (BlockArgument argument : block.getArguments())
            argument.setType(getStorageType(argument.getType()));
      if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
        if (auto elements = dyn_cast<ElementsAttr>(constant.getValue()))
          constant.setValueAttr(retype(elements));
      } else if (auto function = dyn_cast<func::FuncOp>(op)) {
        retypeSignature(function);
      }
    });
    getOperation()->walk([](UnrealizedConversionCastOp cast) {
      if (cast.getResultTypes() != cast.getOperandTypes())
        return;
      cast.replaceAllUsesWith(cast.getOperands());
      cast.erase();
    });
  }

  static void retypeSignature(func::FuncOp function) {
    auto retypeAll = [](TypeRange types) {
      return llvm::map_to_vector(types, getStorageType);
    };
    function.setType(FunctionType::get(function.getContext(),
                                       retypeAll(function.getArgumentTypes()),
                                       retypeAll(function.getResultTypes())));
  }
};

} // namespace
} // namespace qcc::conversion
