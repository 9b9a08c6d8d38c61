#include "lib/Target/CPU/Kernels/Epilogue.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/DenseMap.h"

using namespace mlir;
using namespace qcc::cpu;

FailureOr<Epilogue> Epilogue::create(Block &block) {
  Epilogue epilogue;
  epilogue.block = &block;
  for (Operation &op : block) {
    if (!op.hasTrait<OpTrait::IsTerminator>() &&
        !matchPattern(&op, m_Constant()) &&
        !OpTrait::hasElementwiseMappableTraits(&op))
      return block.getParentOp()->emitOpError()
             << "has '" << op.getName()
             << "' in its region, which has no form for vectors; only "
                "elementwise ops of arith and math can be fused";
    for (Value operand : op.getOperands())
      if (operand.getParentBlock() != &block &&
          !matchPattern(operand, m_Constant()) &&
          !llvm::is_contained(epilogue.captured, operand))
        epilogue.captured.push_back(operand);
  }
  return epilogue;
}

std::string Epilogue::getKey() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::DenseMap<Value, int> numbers;
  auto number = [&](Value value) {
    return numbers.try_emplace(value, numbers.size()).first->second;
  };
  for (Value argument : block->getArguments())
    os << number(argument) << ':' << argument.getType() << ' ';
  for (Value value : captured)
    os << number(value) << ':' << value.getType() << ' ';
  for (Operation &op : *block) {
    os << op.getName() << op.getAttrDictionary() << '(';
    for (Value operand : op.getOperands()) {
      Attribute constant;
      if (operand.getParentBlock() != block &&
          matchPattern(operand, m_Constant(&constant)))
        os << constant << ' ';
      else
        os << number(operand) << ' ';
    }
    os << ')';
    for (Value result : op.getResults())
      os << number(result) << ':' << result.getType();
    os << ';';
  }
  return text;
}

/// maximumf and minimumf of a number and a constant in two instructions; NaN
/// stays NaN since the comparison with it is false.
static Value createBound(KernelBuilder &b, Operation &op, Value x,
                         Value bound) {
  auto predicate = isa<arith::MaximumFOp>(op) ? arith::CmpFPredicate::OLT
                                              : arith::CmpFPredicate::OGT;
  Value beyond = arith::CmpFOp::create(b, b.getLoc(), predicate, x, bound);
  return arith::SelectOp::create(b, b.getLoc(), beyond, bound, x);
}

Value Epilogue::apply(KernelBuilder &b, ValueRange arguments,
                      ValueRange capturedValues, int64_t lanes) const {
  IRMapping mapping;
  mapping.map(block->getArguments(), arguments);
  for (auto [outer, scalar] : llvm::zip_equal(captured, capturedValues))
    mapping.map(outer, b.broadcast(scalar, lanes));
  auto mapConstant = [&](Value value) {
    Attribute constant;
    if (mapping.contains(value) || !matchPattern(value, m_Constant(&constant)))
      return;
    mapping.map(value, b.splat(cast<TypedAttr>(constant), lanes));
  };
  for (Operation &op : block->without_terminator()) {
    if (matchPattern(&op, m_Constant()))
      continue; // made where it is used
    for (Value operand : op.getOperands())
      mapConstant(operand);
    if (isa<arith::MaximumFOp, arith::MinimumFOp>(op) &&
        matchPattern(op.getOperand(1), m_Constant())) {
      mapping.map(op.getResult(0),
                  createBound(b, op, mapping.lookup(op.getOperand(0)),
                              mapping.lookup(op.getOperand(1))));
      continue;
    }
    Operation *copy = b.clone(op, mapping);
    for (Value result : copy->getResults())
      result.setType(b.vectorOf(lanes, result.getType()));
  }
  Value yielded = block->getTerminator()->getOperand(0);
  mapConstant(yielded);
  return mapping.lookup(yielded);
}
