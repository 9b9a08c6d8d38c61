// The model's function as the runtime calls it. See Passes.td.

#include "lib/Host/Memory.h"
#include "lib/Host/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;

namespace qcc::host {

#define GEN_PASS_DEF_LOWERENTRY
#include "lib/Host/Passes.h.inc"

namespace {

class Entry {
public:
  explicit Entry(func::FuncOp main)
      : main(main), body(main.getBody().front()),
        builder(main.getLoc(), main.getContext()) {}

  LogicalResult lower();

private:
  void bindInputs();
  Value bindInput(unsigned i, BlockArgument argument);
  Value getInputDim(unsigned i, unsigned axis);
  void bindOutput(unsigned i, Value returned, func::ReturnOp terminator);
  bool computeInPlace(unsigned i, Value returned);
  Value callOutput(unsigned i, ValueRange dims);
  void finish();

  func::FuncOp main;
  Block &body;
  ImplicitLocOpBuilder builder;
  Value run;
  llvm::StringMap<Value> symbols; ///< Extents that have a name.
  SmallPtrSet<Operation *, 8> taken;
};

LogicalResult Entry::lower() {
  if (!main.getBody().hasOneBlock())
    return main.emitError("main has control flow between blocks; the importer "
                          "makes scf.if of it");
  for (auto [i, type] : llvm::enumerate(body.getArgumentTypes()))
    if (!isa<MemRefType>(type))
      return main.emitError("main takes ")
             << type << " as input " << i << "; inputs of a model are tensors";
  builder.setInsertionPointToStart(&body);
  bindInputs();
  auto terminator = cast<func::ReturnOp>(body.getTerminator());
  for (unsigned i = 0; i < terminator.getNumOperands(); ++i) {
    // Asked anew: a result that is returned twice was replaced by the first.
    Value result = terminator.getOperand(i);
    if (!isa<MemRefType>(result.getType()))
      return main.emitError("main returns ")
             << result.getType() << " as result " << i
             << "; results of a model are tensors";
    bindOutput(i, result, terminator);
  }
  finish();
  return success();
}

void Entry::bindInputs() {
  unsigned count = body.getNumArguments();
  run = body.insertArgument(
      0u, LLVM::LLVMPointerType::get(builder.getContext()), main.getLoc());
  for (unsigned i = 0; i < count; ++i) {
    BlockArgument argument = body.getArgument(i + 1);
    argument.replaceAllUsesWith(bindInput(i, argument));
  }
  body.eraseArguments(1, count);
}

/// Extents of one name are equal, which the runtime has checked.
Value Entry::getInputDim(unsigned i, unsigned axis) {
  StringRef name;
  if (auto extents = main.getArgAttrOfType<ArrayAttr>(i, "qcc.extents"))
    if (axis < extents.size())
      if (auto symbol = dyn_cast<StringAttr>(extents[axis]))
        name = symbol.getValue();
  if (!name.empty() && symbols.contains(name))
    return symbols[name];
  Value dim = callRuntime(builder, "qccrt_input_dim", builder.getI64Type(),
                          {run, makeI32(builder, i), makeI32(builder, axis)});
  Value extent = toIndex(builder, dim);
  if (!name.empty())
    symbols[name] = extent;
  return extent;
}

Value Entry::bindInput(unsigned i, BlockArgument argument) {
  auto type = cast<MemRefType>(argument.getType());
  Value pointer = callRuntime(builder, "qccrt_input", run.getType(),
                              {run, makeI32(builder, i)});
  SmallVector<Value> sizes;
  SmallVector<Value> extents(type.getRank());
  for (int64_t axis = 0; axis < type.getRank(); ++axis)
    if (type.isDynamicDim(axis)) {
      extents[axis] = getInputDim(i, axis);
      sizes.push_back(extents[axis]);
    }
  Value memref = makeMemRef(builder, pointer, type, sizes);
  for (Operation *user : llvm::make_early_inc_range(argument.getUsers())) {
    auto dim = dyn_cast<memref::DimOp>(user);
    std::optional<int64_t> axis = dim ? dim.getConstantIndex() : std::nullopt;
    if (!axis || *axis >= type.getRank() || !extents[*axis])
      continue;
    dim.replaceAllUsesWith(extents[*axis]);
    dim.erase();
  }
  return memref;
}

Value Entry::callOutput(unsigned i, ValueRange dims) {
  unsigned rank = dims.size();
  Type i64 = builder.getI64Type();
  // On the stack of the function's first block: it may be called in a loop.
  Value array;
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(&body);
    array = LLVM::AllocaOp::create(builder, run.getType(), i64,
                                   makeI32(builder, std::max(rank, 1u)));
  }
  for (auto [axis, dim] : llvm::enumerate(dims)) {
    Value place =
        LLVM::GEPOp::create(builder, run.getType(), i64, array,
                            ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(axis)});
    LLVM::StoreOp::create(builder, toI64(builder, dim), place);
  }
  return callRuntime(builder, "qccrt_output", run.getType(),
                     {run, makeI32(builder, i), makeI32(builder, rank), array});
}

/// Whether only the shape differs between the view and its source.
static bool isReshape(Operation *op) {
  return isa<memref::CastOp, memref::ExpandShapeOp, memref::CollapseShapeOp>(
      op);
}

/// Replaces the allocation that is returned by memory of the output.
bool Entry::computeInPlace(unsigned i, Value returned) {
  Value root = returned;
  while (root.getDefiningOp() && isReshape(root.getDefiningOp()))
    root = cast<ViewLikeOpInterface>(root.getDefiningOp()).getViewSource();
  auto alloc = root.getDefiningOp<memref::AllocOp>();
  if (!alloc || alloc->getBlock() != &body || !taken.insert(alloc).second)
    return false;
  auto type = cast<MemRefType>(returned.getType());
  builder.setInsertionPoint(body.getTerminator());
  SmallVector<Value> dims;
  for (int64_t axis = 0; axis < type.getRank(); ++axis)
    dims.push_back(builder.createOrFold<memref::DimOp>(returned, axis));
  // Extents of a view may be those of ops after the allocation.
  if (!llvm::all_of(dims,
                    [&](Value dim) { return canHoistBefore(dim, alloc); }))
    return false;
  for (Value dim : dims)
    hoistBefore(dim, alloc);
  builder.setInsertionPoint(alloc);
  Value pointer = callOutput(i, dims);
  Value memref =
      makeMemRef(builder, pointer, alloc.getType(), alloc.getDynamicSizes());
  alloc.replaceAllUsesWith(memref);
  alloc.erase();
  return true;
}

void Entry::bindOutput(unsigned i, Value returned, func::ReturnOp terminator) {
  if (computeInPlace(i, returned))
    return;
  // Bufferization casts every layout to the dense one, which a part is not.
  while (auto cast = returned.getDefiningOp<memref::CastOp>())
    returned = cast.getSource();
  builder.setInsertionPoint(terminator);
  auto type = cast<MemRefType>(returned.getType());
  SmallVector<Value> dims, sizes;
  for (int64_t axis = 0; axis < type.getRank(); ++axis) {
    dims.push_back(builder.createOrFold<memref::DimOp>(returned, axis));
    if (type.isDynamicDim(axis))
      sizes.push_back(dims.back());
  }
  auto dense = MemRefType::get(type.getShape(), type.getElementType());
  Value output = makeMemRef(builder, callOutput(i, dims), dense, sizes);
  linalg::CopyOp::create(builder, returned, output);
}

void Entry::finish() {
  auto terminator = cast<func::ReturnOp>(body.getTerminator());
  builder.setInsertionPoint(terminator);
  Value zero = arith::ConstantIntOp::create(builder, 0, 32);
  terminator.getOperandsMutable().assign(zero);
  main.setFunctionType(
      builder.getFunctionType(run.getType(), builder.getI32Type()));
  main.setAllArgAttrs(ArrayRef<DictionaryAttr>{builder.getDictionaryAttr({})});
  main.setAllResultAttrs(
      ArrayRef<DictionaryAttr>{builder.getDictionaryAttr({})});
  main.setName(mainName);
  main.setPublic();
}

struct LowerEntry : impl::LowerEntryBase<LowerEntry> {
  void runOnOperation() override {
    auto main = getOperation().lookupSymbol<func::FuncOp>("main");
    if (!main) {
      getOperation().emitError("has no function @main, which is the model");
      return signalPassFailure();
    }
    if (failed(Entry(main).lower()))
      signalPassFailure();
  }
};

} // namespace
} // namespace qcc::host
