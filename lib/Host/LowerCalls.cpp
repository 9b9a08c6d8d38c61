// How outlined loops are called. See Passes.td.

#include "lib/Host/Memory.h"
#include "lib/Host/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace qcc::host {

#define GEN_PASS_DEF_LOWERCALLS
#include "lib/Host/Passes.h.inc"

namespace {

/// Scalars as LLVM holds them; memory as a pointer and its dynamic extents.
SmallVector<Value> flatten(ImplicitLocOpBuilder &builder, Value value) {
  auto type = dyn_cast<MemRefType>(value.getType());
  if (!type) {
    if (value.getType().isIndex())
      return {toI64(builder, value)};
    return {value};
  }
  SmallVector<Value> result{getPointer(builder, value)};
  for (int64_t axis = 0; axis < type.getRank(); ++axis)
    if (type.isDynamicDim(axis))
      result.push_back(
          toI64(builder, builder.createOrFold<memref::DimOp>(value, axis)));
  return result;
}

/// The function on flat arguments: void(i64 begin, i64 end, ...).
void flattenFunction(func::FuncOp function) {
  ImplicitLocOpBuilder builder(function.getLoc(), function.getContext());
  Block &entry = function.getBody().front();
  builder.setInsertionPointToStart(&entry);
  Type pointer = LLVM::LLVMPointerType::get(builder.getContext());
  Type i64 = builder.getI64Type();
  SmallVector<DictionaryAttr> attributes;
  unsigned count = entry.getNumArguments();
  for (unsigned i = 0; i < count; ++i) {
    Location loc = function.getLoc();
    BlockArgument old = entry.getArgument(i);
    auto type = dyn_cast<MemRefType>(old.getType());
    DictionaryAttr attribute = function.getArgAttrDict(i);
    attributes.push_back(attribute ? attribute : builder.getDictionaryAttr({}));
    if (!type) {
      bool isIndex = old.getType().isIndex();
      Value fresh = entry.addArgument(isIndex ? i64 : old.getType(), loc);
      if (isIndex)
        fresh = toIndex(builder, fresh);
      old.replaceAllUsesWith(fresh);
      continue;
    }
    Value base = entry.addArgument(pointer, loc);
    SmallVector<Value> sizes;
    for (int64_t n = type.getNumDynamicDims(); n > 0; --n) {
      sizes.push_back(toIndex(builder, entry.addArgument(i64, loc)));
      attributes.push_back(builder.getDictionaryAttr({}));
    }
    old.replaceAllUsesWith(makeMemRef(builder, base, type, sizes));
  }
  entry.eraseArguments(0, count);
  function.setFunctionType(
      builder.getFunctionType(entry.getArgumentTypes(), {}));
  function.setAllArgAttrs(attributes);
}

/// void body(ptr context, i64 begin, i64 end): calls the function with the
/// fields of the context.
func::FuncOp makeTrampoline(func::FuncOp function, Type context) {
  ImplicitLocOpBuilder builder(function.getLoc(), function);
  Type pointer = LLVM::LLVMPointerType::get(builder.getContext());
  Type i64 = builder.getI64Type();
  auto body =
      func::FuncOp::create(builder, (function.getName() + "_body").str(),
                           builder.getFunctionType({pointer, i64, i64}, {}));
  body.setPrivate();
  Block *entry = body.addEntryBlock();
  builder.setInsertionPointToStart(entry);
  SmallVector<Value> arguments{entry->getArgument(1), entry->getArgument(2)};
  for (auto [i, type] :
       llvm::enumerate(function.getArgumentTypes().drop_front(2))) {
    Value field =
        LLVM::GEPOp::create(builder, pointer, context, entry->getArgument(0),
                            ArrayRef<LLVM::GEPArg>{0, static_cast<int32_t>(i)});
    arguments.push_back(LLVM::LoadOp::create(builder, type, field));
  }
  func::CallOp::create(builder, function, arguments);
  func::ReturnOp::create(builder);
  return body;
}

class CallLowering {
public:
  CallLowering(func::FuncOp main) : main(main) {}

  void lower(func::CallOp call, func::FuncOp function);

private:
  Value makeContext(ImplicitLocOpBuilder &builder, Type type,
                    ValueRange values);

  func::FuncOp main;
  llvm::DenseMap<func::FuncOp, func::FuncOp> trampolines;
};

Value CallLowering::makeContext(ImplicitLocOpBuilder &builder, Type type,
                                ValueRange values) {
  Type pointer = LLVM::LLVMPointerType::get(builder.getContext());
  Value context;
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(&main.getBody().front());
    context =
        LLVM::AllocaOp::create(builder, pointer, type, makeI32(builder, 1));
  }
  for (auto [i, value] : llvm::enumerate(values)) {
    Value field =
        LLVM::GEPOp::create(builder, pointer, type, context,
                            ArrayRef<LLVM::GEPArg>{0, static_cast<int32_t>(i)});
    LLVM::StoreOp::create(builder, value, field);
  }
  return context;
}

void CallLowering::lower(func::CallOp call, func::FuncOp function) {
  ImplicitLocOpBuilder builder(call.getLoc(), call);
  SmallVector<Value> arguments;
  for (Value operand : call.getOperands())
    llvm::append_range(arguments, flatten(builder, operand));
  ValueRange captured = ValueRange(arguments).drop_front(2);
  Type context = LLVM::LLVMStructType::getLiteral(
      builder.getContext(), llvm::to_vector(captured.getTypes()));
  func::FuncOp &body = trampolines[function];
  if (!body)
    body = makeTrampoline(function, context);
  Type pointer = LLVM::LLVMPointerType::get(builder.getContext());
  // A function's address as a value: after conversion both are LLVM's.
  Value constant =
      func::ConstantOp::create(builder, body.getFunctionType(), body.getName());
  Value address = UnrealizedConversionCastOp::create(builder, pointer, constant)
                      .getResult(0);
  int64_t grain = call->getAttrOfType<IntegerAttr>(grainAttr).getInt();
  callRuntime(builder, "qccrt_parallel", Type(),
              {main.getArgument(0), address,
               makeContext(builder, context, captured), arguments[1],
               makeI64(builder, grain)});
  call.erase();
}

struct LowerCalls : impl::LowerCallsBase<LowerCalls> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    func::FuncOp main = getMain(module);
    if (!main) {
      module.emitError("has no function @qccgen_main; run host-lower-entry "
                       "before this pass");
      return signalPassFailure();
    }
    for (auto function :
         llvm::make_early_inc_range(module.getOps<func::FuncOp>()))
      if (function->hasAttr(parallelAttr))
        flattenFunction(function);
    SmallVector<func::CallOp> calls;
    main.walk([&](func::CallOp call) {
      if (call->hasAttr(grainAttr))
        calls.push_back(call);
    });
    CallLowering lowering(main);
    for (func::CallOp call : calls)
      lowering.lower(call, module.lookupSymbol<func::FuncOp>(call.getCallee()));
  }
};

} // namespace
} // namespace qcc::host
