// scf, cf and affine: which ops are evaluated, and arithmetic on extents.

#include "lib/Interpreter/Evaluation.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using llvm::Error;
using llvm::Expected;

namespace qcc::interpreter {

static Error setAll(ValueRange results, Expected<RuntimeValues> values,
                    Frame &frame) {
  if (!values)
    return values.takeError();
  for (auto [result, value] : llvm::zip_equal(results, *values))
    if (Error error = frame.set(result, std::move(value)))
      return error;
  return Error::success();
}

static RuntimeValues getAll(ValueRange values, const Frame &frame) {
  RuntimeValues all;
  for (Value value : values)
    all.push_back(frame.get(value));
  return all;
}

static Error evaluateIf(scf::IfOp op, Frame &frame) {
  bool condition = frame.getInteger(op.getCondition()) != 0;
  Block *block = condition ? op.thenBlock() : op.elseBlock();
  if (!block)
    return Error::success();
  return setAll(op.getResults(), frame.runBlock(*block, {}), frame);
}

static Error evaluateFor(scf::ForOp op, Frame &frame) {
  Type type = op.getInductionVar().getType();
  int64_t end = frame.getInteger(op.getUpperBound());
  int64_t step = frame.getInteger(op.getStep());
  if (step <= 0)
    return fail("counts in steps of " + llvm::Twine(step));
  RuntimeValues carried = getAll(op.getInitArgs(), frame);
  for (int64_t i = frame.getInteger(op.getLowerBound()); i < end;) {
    RuntimeValues arguments = {makeScalar(type, i)};
    llvm::append_range(arguments, carried);
    auto results = frame.runBlock(*op.getBody(), arguments);
    if (!results)
      return results.takeError();
    carried = std::move(*results);
    if (static_cast<uint64_t>(end) - static_cast<uint64_t>(i) <=
        static_cast<uint64_t>(step))
      break;
    i += step;
  }
  return setAll(op.getResults(), std::move(carried), frame);
}

static Error evaluateWhile(scf::WhileOp op, Frame &frame) {
  RuntimeValues carried = getAll(op.getInits(), frame);
  while (true) {
    // The terminator's operands: the condition, then what is passed on.
    auto before = frame.runBlock(*op.getBeforeBody(), carried);
    if (!before)
      return before.takeError();
    bool goesOn = getInteger(std::get<Tensor>(before->front())) != 0;
    RuntimeValues passed(before->begin() + 1, before->end());
    if (!goesOn)
      return setAll(op.getResults(), std::move(passed), frame);
    auto after = frame.runBlock(*op.getAfterBody(), passed);
    if (!after)
      return after.takeError();
    carried = std::move(*after);
  }
}

static Error evaluateAssert(cf::AssertOp op, Frame &frame) {
  if (frame.getInteger(op.getArg()) == 0)
    return fail(op.getMsg());
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Affine
//===----------------------------------------------------------------------===//

static Expected<int64_t> evaluateExpr(AffineExpr expr, ArrayRef<int64_t> dims,
                                      ArrayRef<int64_t> symbols) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return constant.getValue();
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return dims[dim.getPosition()];
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
    return symbols[symbol.getPosition()];
  auto binary = cast<AffineBinaryOpExpr>(expr);
  Expected<int64_t> lhs = evaluateExpr(binary.getLHS(), dims, symbols);
  if (!lhs)
    return lhs;
  Expected<int64_t> rhs = evaluateExpr(binary.getRHS(), dims, symbols);
  if (!rhs)
    return rhs;
  bool overflows = false;
  int64_t result = 0;
  switch (binary.getKind()) {
  case AffineExprKind::Add:
    overflows = llvm::AddOverflow(*lhs, *rhs, result);
    break;
  case AffineExprKind::Mul:
    overflows = llvm::MulOverflow(*lhs, *rhs, result);
    break;
  default:
    if (*rhs <= 0)
      return fail("an extent is divided by " + llvm::Twine(*rhs));
    result = binary.getKind() == AffineExprKind::Mod ? llvm::mod(*lhs, *rhs)
             : binary.getKind() == AffineExprKind::FloorDiv
                 ? llvm::divideFloorSigned(*lhs, *rhs)
                 : llvm::divideCeilSigned(*lhs, *rhs);
  }
  if (overflows)
    return fail("an extent is larger than 64 bits");
  return result;
}

static Expected<Shape> evaluateMap(AffineMap map, ValueRange operands,
                                   const Frame &frame) {
  Shape values, results;
  for (Value operand : operands)
    values.push_back(frame.getInteger(operand));
  for (AffineExpr expr : map.getResults()) {
    Expected<int64_t> result =
        evaluateExpr(expr, ArrayRef(values).take_front(map.getNumDims()),
                     ArrayRef(values).drop_front(map.getNumDims()));
    if (!result)
      return result.takeError();
    results.push_back(*result);
  }
  return results;
}

/// apply has one result; min and max choose.
template <typename OpT> static Error evaluateAffine(OpT op, Frame &frame) {
  Expected<Shape> results =
      evaluateMap(op.getAffineMap(), op->getOperands(), frame);
  if (!results)
    return results.takeError();
  int64_t chosen = std::is_same_v<OpT, affine::AffineMaxOp>
                       ? *llvm::max_element(*results)
                       : *llvm::min_element(*results);
  return frame.set(op.getResult(), makeScalar(op.getType(), chosen));
}

void addControl(Evaluators &evaluators) {
  evaluators.add<scf::IfOp>(evaluateIf);
  evaluators.add<scf::ForOp>(evaluateFor);
  evaluators.add<scf::WhileOp>(evaluateWhile);
  evaluators.add<cf::AssertOp>(evaluateAssert);
  evaluators.add<affine::AffineApplyOp>(evaluateAffine<affine::AffineApplyOp>);
  evaluators.add<affine::AffineMinOp>(evaluateAffine<affine::AffineMinOp>);
  evaluators.add<affine::AffineMaxOp>(evaluateAffine<affine::AffineMaxOp>);
}

} // namespace qcc::interpreter
