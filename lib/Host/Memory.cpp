#include "lib/Host/Memory.h"

#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Dominance.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace qcc::host;

Value qcc::host::makeI32(ImplicitLocOpBuilder &builder, int64_t value) {
  return LLVM::ConstantOp::create(builder, builder.getI32Type(),
                                  builder.getI32IntegerAttr(value));
}

Value qcc::host::makeI64(ImplicitLocOpBuilder &builder, int64_t value) {
  return LLVM::ConstantOp::create(builder, builder.getI64Type(),
                                  builder.getI64IntegerAttr(value));
}

Value qcc::host::toI64(ImplicitLocOpBuilder &builder, Value index) {
  return builder.createOrFold<arith::IndexCastOp>(builder.getI64Type(), index);
}

Value qcc::host::toIndex(ImplicitLocOpBuilder &builder, Value integer) {
  return builder.createOrFold<arith::IndexCastOp>(builder.getIndexType(),
                                                  integer);
}

/// What upstream's conversion makes of a ranked memref.
static LLVM::LLVMStructType getDescriptorType(MemRefType type) {
  MLIRContext *context = type.getContext();
  Type pointer = LLVM::LLVMPointerType::get(context);
  Type integer = IntegerType::get(context, 64);
  SmallVector<Type> fields{pointer, pointer, integer};
  if (type.getRank() != 0)
    fields.append(2, LLVM::LLVMArrayType::get(integer, type.getRank()));
  return LLVM::LLVMStructType::getLiteral(context, fields);
}

Value qcc::host::makeMemRef(ImplicitLocOpBuilder &builder, Value pointer,
                            MemRefType type, ValueRange sizes) {
  Value result =
      LLVM::PoisonOp::create(builder, getDescriptorType(type)).getResult();
  auto insert = [&](Value value, ArrayRef<int64_t> position) {
    result = LLVM::InsertValueOp::create(builder, result, value, position);
  };
  insert(pointer, 0);
  insert(pointer, 1);
  insert(makeI64(builder, 0), 2);
  Value stride = makeI64(builder, 1);
  unsigned dynamic = type.getNumDynamicDims();
  for (int64_t axis = type.getRank() - 1; axis >= 0; --axis) {
    Value size = type.isDynamicDim(axis)
                     ? toI64(builder, sizes[--dynamic])
                     : makeI64(builder, type.getDimSize(axis));
    insert(size, {3, axis});
    insert(stride, {4, axis});
    if (axis != 0)
      stride = LLVM::MulOp::create(builder, stride, size);
  }
  return UnrealizedConversionCastOp::create(builder, type, result).getResult(0);
}

Value qcc::host::getPointer(ImplicitLocOpBuilder &builder, Value memref) {
  Type descriptor = getDescriptorType(cast<MemRefType>(memref.getType()));
  Value whole = UnrealizedConversionCastOp::create(builder, descriptor, memref)
                    .getResult(0);
  return LLVM::ExtractValueOp::create(builder, whole, 1);
}

Value qcc::host::getRoot(Value memref) {
  while (auto view = memref.getDefiningOp<ViewLikeOpInterface>())
    memref = view.getViewSource();
  return memref;
}

bool qcc::host::isWholeBuffer(Value root) {
  if (isa<BlockArgument>(root))
    return false;
  return isa<memref::AllocOp, memref::AllocaOp, memref::GetGlobalOp,
             UnrealizedConversionCastOp>(root.getDefiningOp());
}

static bool visitSlice(Value value, Operation *anchor, DominanceInfo &dominance,
                       SetVector<Operation *> &slice) {
  if (dominance.properlyDominates(value, anchor))
    return true;
  Operation *op = value.getDefiningOp();
  if (!op || op->getNumRegions() != 0 || !isPure(op))
    return false;
  if (slice.contains(op))
    return true;
  for (Value operand : op->getOperands())
    if (!visitSlice(operand, anchor, dominance, slice))
      return false;
  slice.insert(op);
  return true;
}

bool qcc::host::canHoistBefore(Value value, Operation *anchor) {
  DominanceInfo dominance;
  SetVector<Operation *> slice;
  return visitSlice(value, anchor, dominance, slice);
}

bool qcc::host::hoistBefore(Value value, Operation *anchor) {
  DominanceInfo dominance;
  SetVector<Operation *> slice;
  if (!visitSlice(value, anchor, dominance, slice))
    return false;
  for (Operation *op : slice)
    op->moveBefore(anchor);
  return true;
}

Value qcc::host::callRuntime(ImplicitLocOpBuilder &builder, StringRef name,
                             Type result, ValueRange arguments) {
  Operation *anchor = builder.getInsertionBlock()->getParentOp();
  auto module = anchor->getParentOfType<ModuleOp>();
  auto function = module.lookupSymbol<LLVM::LLVMFuncOp>(name);
  if (!function) {
    Type type = result ? result : LLVM::LLVMVoidType::get(builder.getContext());
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(module.getBody());
    function = LLVM::LLVMFuncOp::create(
        builder, name,
        LLVM::LLVMFunctionType::get(type,
                                    llvm::to_vector(arguments.getTypes())));
  }
  auto call = LLVM::CallOp::create(builder, function, arguments);
  return result ? call.getResult() : Value();
}

func::FuncOp qcc::host::getMain(ModuleOp module) {
  return module.lookupSymbol<func::FuncOp>(mainName);
}
