#include "lib/Interpreter/Evaluation.h"

#include "lib/Analysis/NodeLocation.h"

using namespace mlir;
using llvm::Error;
using llvm::Expected;

namespace qcc::interpreter {

const Tensor *FormattedTensor::get(qnn::Component::Kind kind) const {
  for (auto [i, component] : llvm::enumerate(type.getComponents()))
    if (component.kind == kind)
      return &components[i];
  return nullptr;
}

const RuntimeValue &Frame::get(Value value) const {
  auto it = values.find(value.getAsOpaquePointer());
  assert(it != values.end() && "an operand is evaluated before its user");
  return it->second;
}

int64_t Frame::getInteger(Value value) const {
  return interpreter::getInteger(getTensor(value));
}

Shape Frame::getIntegers(ArrayRef<OpFoldResult> mixed) const {
  Shape numbers;
  for (OpFoldResult number : mixed) {
    if (auto attribute = dyn_cast<Attribute>(number))
      numbers.push_back(cast<IntegerAttr>(attribute).getInt());
    else
      numbers.push_back(getInteger(cast<Value>(number)));
  }
  return numbers;
}

static std::string toString(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

/// Whether a value of the static type `actual` may be where `type` is.
static bool isFit(Type actual, Type type) {
  auto actualShaped = dyn_cast<ShapedType>(actual);
  auto shaped = dyn_cast<ShapedType>(type);
  if (!actualShaped || !shaped)
    return actual == type;
  if (shaped.getElementType() != actualShaped.getElementType() ||
      !shaped.hasRank() || shaped.getRank() != actualShaped.getRank())
    return false;
  for (auto [extent, known] :
       llvm::zip(actualShaped.getShape(), shaped.getShape()))
    if (!ShapedType::isDynamic(known) && known != extent)
      return false;
  return true;
}

Error Frame::set(Value value, RuntimeValue contents) {
  Type type = value.getType(), actual;
  if (auto *formatted = std::get_if<FormattedTensor>(&contents))
    actual = formatted->type;
  else if (isa<ShapedType>(type))
    actual = std::get<Tensor>(contents).getType();
  else
    actual = std::get<Tensor>(contents).getElementType();
  if (!isFit(actual, type))
    return fail("a value of type " + toString(actual) +
                " came where the model has " + toString(type) +
                "; its shapes do not fit the inputs");
  values[value.getAsOpaquePointer()] = std::move(contents);
  return Error::success();
}

Error Frame::set(Value value, Expected<Tensor> contents) {
  if (!contents)
    return contents.takeError();
  return set(value, RuntimeValue(std::move(*contents)));
}

const Evaluators::Evaluate *Evaluators::lookup(Operation *op) const {
  auto it = table.find(op->getName().getStringRef());
  return it == table.end() ? nullptr : &it->second;
}

const Evaluators &getEvaluators() {
  static const Evaluators evaluators = [] {
    Evaluators all;
    addArith(all);
    addContractions(all);
    addControl(all);
    addConversions(all);
    addElementwise(all);
    addFormats(all);
    addGathers(all);
    addGridSample(all);
    addMovement(all);
    addPools(all);
    addReductions(all);
    addResize(all);
    addStored(all);
    addTensorDialect(all);
    return all;
  }();
  return evaluators;
}

namespace {
/// Names the op, so that the ops around it need not.
class PlacedError : public llvm::ErrorInfo<PlacedError, llvm::StringError> {
public:
  static char ID;
  explicit PlacedError(const llvm::Twine &text)
      : ErrorInfo(text, llvm::inconvertibleErrorCode()) {}
};
char PlacedError::ID = 0;
} // namespace

Error makeError(Operation *op, const llvm::Twine &what) {
  std::string where = analysis::describe(op->getLoc());
  if (!where.empty())
    where += ": ";
  // Users know their nodes, not our ops.
  if (!analysis::getNode(op->getLoc()))
    where += op->getName().getStringRef().str() + ": ";
  return llvm::make_error<PlacedError>(where + what);
}

Error evaluateOp(Operation *op, Frame &frame) {
  const Evaluators::Evaluate *evaluate = getEvaluators().lookup(op);
  if (!evaluate)
    return makeError(op, "the interpreter does not know this op; it interprets "
                         "phases import to storage");
  Error error = (*evaluate)(op, frame);
  if (!error || error.isA<PlacedError>())
    return error;
  return makeError(op, llvm::toString(std::move(error)));
}

} // namespace qcc::interpreter
