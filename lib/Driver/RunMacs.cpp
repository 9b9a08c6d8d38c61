#include "lib/Driver/RunMacs.h"

#include "lib/Analysis/Work.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <map>

using namespace llvm;

namespace qcc::driver {

namespace {

/// Writes steps for extents of a module that is its to add ops to.
class Recorder {
public:
  explicit Recorder(mlir::func::FuncOp main)
      : main(main), builder(main.getContext()) {}

  std::optional<json::Array> run();

private:
  using Step = std::optional<size_t>;

  size_t add(std::initializer_list<json::Value> step) {
    return append(json::Array(step));
  }
  size_t append(json::Array step);
  size_t addConstant(int64_t value) { return add({"constant", value}); }
  Step addExtent(mlir::Value tensor, int64_t axis);
  Step findExtent(mlir::Value tensor, int64_t axis);
  Step addIndex(mlir::Value index);
  Step addExpression(mlir::AffineExpr expression, ArrayRef<size_t> dims,
                     ArrayRef<size_t> symbols);
  Step addMap(mlir::AffineMap map, mlir::ValueRange operands,
              StringRef combine);
  Step findIndex(mlir::Value index);
  Step addLoop(mlir::Operation *op, const qnn::IterationSpace &space,
               size_t loop);
  Step addMacs(qnn::WorkOpInterface op);

  mlir::func::FuncOp main;
  mlir::OpBuilder builder;
  json::Array steps;
  StringMap<size_t> numbers; ///< Of steps, by their texts.
  DenseMap<std::pair<mlir::Value, int64_t>, Step> extents;
  DenseMap<mlir::Value, Step> indices;
};

} // namespace

/// Equal steps are one.
size_t Recorder::append(json::Array step) {
  json::Value value(std::move(step));
  std::string text;
  raw_string_ostream(text) << value;
  auto [known, isNew] = numbers.try_emplace(text, steps.size());
  if (isNew)
    steps.push_back(std::move(value));
  return known->second;
}

Recorder::Step Recorder::findExtent(mlir::Value tensor, int64_t axis) {
  int64_t extent = cast<mlir::ShapedType>(tensor.getType()).getDimSize(axis);
  if (!mlir::ShapedType::isDynamic(extent))
    return addConstant(extent);
  if (auto argument = dyn_cast<mlir::BlockArgument>(tensor))
    return argument.getOwner() == &main.front()
               ? Step(add({"extent", argument.getArgNumber(), axis}))
               : std::nullopt;
  auto op = tensor.getDefiningOp<mlir::ReifyRankedShapedTypeOpInterface>();
  if (!op)
    return std::nullopt;
  builder.setInsertionPoint(op);
  mlir::ReifiedRankedShapedTypeDims shapes;
  if (mlir::failed(mlir::reifyResultShapes(builder, op, shapes)))
    return std::nullopt;
  mlir::OpFoldResult found =
      shapes[cast<mlir::OpResult>(tensor).getResultNumber()][axis];
  if (std::optional<int64_t> constant = mlir::getConstantIntValue(found))
    return addConstant(*constant);
  return addIndex(cast<mlir::Value>(found));
}

Recorder::Step Recorder::addExtent(mlir::Value tensor, int64_t axis) {
  auto known = extents.find({tensor, axis});
  if (known != extents.end())
    return known->second;
  return extents[{tensor, axis}] = findExtent(tensor, axis);
}

Recorder::Step Recorder::addExpression(mlir::AffineExpr expression,
                                       ArrayRef<size_t> dims,
                                       ArrayRef<size_t> symbols) {
  if (auto constant = dyn_cast<mlir::AffineConstantExpr>(expression))
    return addConstant(constant.getValue());
  if (auto dim = dyn_cast<mlir::AffineDimExpr>(expression))
    return dims[dim.getPosition()];
  if (auto symbol = dyn_cast<mlir::AffineSymbolExpr>(expression))
    return symbols[symbol.getPosition()];
  auto binary = cast<mlir::AffineBinaryOpExpr>(expression);
  Step lhs = addExpression(binary.getLHS(), dims, symbols);
  Step rhs = addExpression(binary.getRHS(), dims, symbols);
  switch (binary.getKind()) {
  case mlir::AffineExprKind::Add:
    return add({"arith.addi", *lhs, *rhs});
  case mlir::AffineExprKind::Mul:
    return add({"arith.muli", *lhs, *rhs});
  case mlir::AffineExprKind::FloorDiv:
    return add({"arith.floordivsi", *lhs, *rhs});
  case mlir::AffineExprKind::CeilDiv:
    return add({"arith.ceildivsi", *lhs, *rhs});
  case mlir::AffineExprKind::Mod: {
    size_t quotient = add({"arith.floordivsi", *lhs, *rhs});
    return add({"arith.subi", *lhs, add({"arith.muli", quotient, *rhs})});
  }
  default:
    llvm_unreachable("the others have no operands");
  }
}

/// The map's results, several of which `combine` makes one.
Recorder::Step Recorder::addMap(mlir::AffineMap map, mlir::ValueRange operands,
                                StringRef combine) {
  SmallVector<size_t> known;
  for (mlir::Value operand : operands) {
    Step step = addIndex(operand);
    if (!step)
      return std::nullopt;
    known.push_back(*step);
  }
  ArrayRef<size_t> dims = ArrayRef(known).take_front(map.getNumDims());
  ArrayRef<size_t> symbols = ArrayRef(known).drop_front(map.getNumDims());
  Step all;
  for (mlir::AffineExpr expression : map.getResults()) {
    Step own = addExpression(expression, dims, symbols);
    all = all ? add({combine, *all, *own}) : own;
  }
  return all;
}

Recorder::Step Recorder::findIndex(mlir::Value index) {
  if (std::optional<int64_t> constant = mlir::getConstantIntValue(index))
    return addConstant(*constant);
  mlir::Operation *op = index.getDefiningOp();
  if (auto dim = dyn_cast_or_null<mlir::tensor::DimOp>(op)) {
    std::optional<int64_t> axis = dim.getConstantIndex();
    return axis ? addExtent(dim.getSource(), *axis) : std::nullopt;
  }
  if (auto dim = dyn_cast_or_null<qnn::DimOp>(op))
    return addExtent(dim.getSource(), static_cast<int64_t>(dim.getAxis()));
  if (auto apply = dyn_cast_or_null<mlir::affine::AffineApplyOp>(op))
    return addMap(apply.getAffineMap(), apply.getOperands(), "");
  if (auto min = dyn_cast_or_null<mlir::affine::AffineMinOp>(op))
    return addMap(min.getAffineMap(), min.getOperands(), "arith.minsi");
  if (isa_and_nonnull<mlir::arith::IndexCastOp>(op))
    return addIndex(op->getOperand(0));
  // What countMacs() knows.
  namespace arith = mlir::arith;
  if (!isa_and_nonnull<arith::AddIOp, arith::SubIOp, arith::MulIOp,
                       arith::DivSIOp, arith::CeilDivSIOp, arith::FloorDivSIOp,
                       arith::RemSIOp, arith::MinSIOp, arith::MaxSIOp,
                       arith::AndIOp, arith::OrIOp, arith::CmpIOp,
                       arith::SelectOp>(op))
    return std::nullopt;
  json::Array step({op->getName().getStringRef()});
  if (auto compare = dyn_cast<mlir::arith::CmpIOp>(op))
    step.push_back(mlir::arith::stringifyCmpIPredicate(compare.getPredicate()));
  for (mlir::Value operand : op->getOperands()) {
    Step known = addIndex(operand);
    if (!known)
      return std::nullopt;
    step.push_back(*known);
  }
  return append(std::move(step));
}

Recorder::Step Recorder::addIndex(mlir::Value index) {
  auto known = indices.find(index);
  if (known != indices.end())
    return known->second;
  return indices[index] = findIndex(index);
}

/// The extent of a loop: of the axis of an operand or result along which it
/// goes.
Recorder::Step Recorder::addLoop(mlir::Operation *op,
                                 const qnn::IterationSpace &space,
                                 size_t loop) {
  SmallVector<mlir::Value> values(op->getOperands());
  append_range(values, op->getResults());
  for (auto [value, map] : zip_equal(values, space.maps)) {
    if (!map)
      continue;
    for (auto [axis, index] : enumerate(map.getResults()))
      if (index == mlir::getAffineDimExpr(loop, op->getContext()))
        if (Step step = addExtent(value, axis))
          return step;
  }
  return std::nullopt;
}

Recorder::Step Recorder::addMacs(qnn::WorkOpInterface op) {
  Work work = analysis::getWork(op);
  Step product = addConstant(analysis::toInteger(work.macs));
  for (auto [loop, extent] : enumerate(work.space.extents)) {
    if (!mlir::ShapedType::isDynamic(extent))
      continue;
    Step own = addLoop(op, work.space, loop);
    if (!own)
      return std::nullopt;
    product = add({"arith.muli", *product, *own});
  }
  return product;
}

std::optional<json::Array> Recorder::run() {
  size_t zero = addConstant(0), total = zero;
  SmallVector<mlir::Operation *> ops;
  main.walk([&](mlir::Operation *op) { ops.push_back(op); });
  for (mlir::Operation *op : ops) {
    // In order, so that no search goes far.
    for (mlir::Value result : op->getResults())
      if (auto type = dyn_cast<mlir::ShapedType>(result.getType()))
        for (int64_t axis = 0; axis < type.getRank(); ++axis)
          if (type.isDynamicDim(axis))
            addExtent(result, axis);
    auto computes = dyn_cast<qnn::WorkOpInterface>(op);
    if (!computes || !computes.isSumOfProducts() ||
        all_of(op->getOperands(), analysis::isConstant))
      continue;
    bool isInBranch = op->getParentOp() != main;
    Step macs = isInBranch ? std::nullopt : addMacs(computes);
    if (!macs)
      return std::nullopt;
    total = add({"arith.addi", total, *macs});
  }
  // Others may have come behind it.
  steps.push_back(json::Array({"arith.addi", total, zero}));
  return std::move(steps);
}

std::optional<json::Array> describeMacs(mlir::ModuleOp module) {
  // Constants are shared with the copy, so it costs little.
  mlir::OwningOpRef<mlir::ModuleOp> copy = module.clone();
  auto main = copy->lookupSymbol<mlir::func::FuncOp>("main");
  return main ? Recorder(main).run() : std::nullopt;
}

/// The value of an op of two numbers; nothing where it has none.
static std::optional<int64_t> compute(StringRef op, int64_t a, int64_t b) {
  int64_t result;
  if (op == "arith.addi")
    return AddOverflow(a, b, result) ? std::nullopt : std::optional(result);
  if (op == "arith.subi")
    return SubOverflow(a, b, result) ? std::nullopt : std::optional(result);
  if (op == "arith.muli")
    return MulOverflow(a, b, result) ? std::nullopt : std::optional(result);
  if (op == "arith.minsi")
    return std::min(a, b);
  if (op == "arith.maxsi")
    return std::max(a, b);
  if (op == "arith.andi")
    return a & b;
  if (op == "arith.ori")
    return a | b;
  // What is left divides.
  if (b == 0 || (a == INT64_MIN && b == -1))
    return std::nullopt;
  if (op == "arith.divsi")
    return a / b;
  if (op == "arith.remsi")
    return a % b;
  if (op == "arith.ceildivsi")
    return divideCeilSigned(a, b);
  if (op == "arith.floordivsi")
    return divideFloorSigned(a, b);
  return std::nullopt;
}

/// Of some steps nothing is known, as of a division by an extent of 0; that
/// matters to those that need them.
using Number = std::optional<int64_t>;

static Number computeStep(const json::Array &step, ArrayRef<Number> values,
                          ArrayRef<ArrayRef<int64_t>> shapes) {
  StringRef op = step.empty() ? "" : step[0].getAsString().value_or("");
  // The numbers behind what names the step.
  size_t first = op == "arith.cmpi" ? 2 : 1;
  SmallVector<int64_t> numbers;
  for (size_t i = first; i < step.size(); ++i)
    numbers.push_back(step[i].getAsInteger().value_or(-1));
  if (op == "constant" && numbers.size() == 1)
    return numbers[0];
  auto isBelow = [](int64_t number, size_t end) {
    return number >= 0 && static_cast<size_t>(number) < end;
  };
  if (op == "extent" && numbers.size() == 2) {
    if (!isBelow(numbers[0], shapes.size()) ||
        !isBelow(numbers[1], shapes[numbers[0]].size()))
      return std::nullopt;
    return shapes[numbers[0]][numbers[1]];
  }
  SmallVector<Number> taken;
  for (int64_t number : numbers)
    taken.push_back(isBelow(number, values.size()) ? values[number] : Number());
  if (op == "arith.select" && taken.size() == 3)
    return !taken[0] ? Number() : *taken[0] ? taken[1] : taken[2];
  if (taken.size() != 2 || !taken[0] || !taken[1])
    return std::nullopt;
  if (op != "arith.cmpi")
    return compute(op, *taken[0], *taken[1]);
  auto predicate =
      mlir::arith::symbolizeCmpIPredicate(step[1].getAsString().value_or(""));
  if (!predicate)
    return std::nullopt;
  return mlir::arith::applyCmpPredicate(*predicate, APInt(64, *taken[0], true),
                                        APInt(64, *taken[1], true));
}

std::optional<int64_t> countMacs(const json::Array &steps,
                                 ArrayRef<ArrayRef<int64_t>> shapes) {
  std::vector<Number> values;
  for (const json::Value &step : steps) {
    const json::Array *parts = step.getAsArray();
    values.push_back(parts ? computeStep(*parts, values, shapes) : Number());
  }
  return values.empty() ? Number() : values.back();
}

} // namespace qcc::driver
