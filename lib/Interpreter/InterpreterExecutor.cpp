#include "lib/Interpreter/InterpreterExecutor.h"
#include "lib/Interpreter/Evaluation.h"
#include "qcc/Executor/Binding.h"
#include "qcc/Executor/Constants.h"

#include "mlir/IR/Builders.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using llvm::Error;
using llvm::Expected;

namespace qcc::interpreter {

/// A tensor as an elements attribute, a scalar as a number.
static Expected<Attribute> toAttribute(Value value, const Frame &frame) {
  const RuntimeValue &contents = frame.get(value);
  auto *tensor = std::get_if<Tensor>(&contents);
  if (!tensor)
    return fail("a formatted value is no attribute; unwrap it");
  if (isa<ShapedType>(value.getType()))
    return Attribute(getAttribute(*tensor, foldedKey));
  auto elements = cast<DenseElementsAttr>(getAttribute(*tensor, foldedKey));
  return *elements.getValues<Attribute>().begin();
}

static Expected<SmallVector<Attribute>> toAttributes(ValueRange values,
                                                     const Frame &frame) {
  SmallVector<Attribute> attributes;
  for (Value value : values) {
    Expected<Attribute> attribute = toAttribute(value, frame);
    if (!attribute)
      return attribute.takeError();
    attributes.push_back(*attribute);
  }
  return attributes;
}

/// The ops that `values` depend on, each after those that it depends on itself.
static Expected<SmallVector<Operation *>> getSlice(ArrayRef<Value> values) {
  SmallVector<Operation *> slice;
  DenseSet<Operation *> seen;
  // Without recursion, since a chain of ops may be long. An op is pushed a
  // second time, by itself, to be listed after its operands.
  SmallVector<std::pair<Value, bool>> stack;
  for (Value value : llvm::reverse(values))
    stack.push_back({value, false});
  while (!stack.empty()) {
    auto [value, operandsDone] = stack.pop_back_val();
    Operation *op = value.getDefiningOp();
    if (!op)
      return fail("a value that is an argument is not known before run time");
    if (operandsDone) {
      slice.push_back(op);
      continue;
    }
    if (!seen.insert(op).second)
      continue;
    if (op->getNumRegions() != 0 || !isMemoryEffectFree(op))
      return makeError(op, "only ops without regions and effects are evaluated "
                           "at compile time");
    stack.push_back({value, true});
    for (Value operand : op->getOperands())
      stack.push_back({operand, false});
  }
  return slice;
}

Expected<SmallVector<Attribute>>
InterpreterExecutor::evaluate(ArrayRef<Value> values) {
  Expected<SmallVector<Operation *>> slice = getSlice(values);
  if (!slice)
    return slice.takeError();
  DenseMap<Value, unsigned> usesLeft;
  for (Operation *op : *slice)
    for (Value operand : op->getOperands())
      ++usesLeft[operand];
  for (Value value : values)
    ++usesLeft[value];
  Frame frame;
  for (Operation *op : *slice) {
    if (Error error = evaluateOp(op, frame))
      return std::move(error);
    for (Value operand : op->getOperands())
      if (--usesLeft[operand] == 0)
        frame.release(operand);
  }
  return toAttributes(values, frame);
}

Expected<SmallVector<Attribute>>
InterpreterExecutor::evaluate(Operation *op, ArrayRef<Attribute> operands) {
  assert(op->getNumOperands() == operands.size());
  Frame frame;
  for (auto [operand, attribute] :
       llvm::zip_equal(op->getOperands(), operands)) {
    Expected<Tensor> tensor = getTensor(attribute);
    if (!tensor)
      return tensor.takeError();
    if (Error error = frame.set(operand, std::move(tensor)))
      return std::move(error);
  }
  if (Error error = evaluateOp(op, frame))
    return std::move(error);
  return toAttributes(op->getResults(), frame);
}

void registerExecutor(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *, qnn::QNNDialect *dialect) {
    bindExecutor(*dialect, std::make_unique<InterpreterExecutor>());
  });
}

} // namespace qcc::interpreter
