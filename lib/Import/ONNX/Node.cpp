#include "lib/Import/ONNX/Node.h"

#include "lib/Import/ONNX/GraphImporter.h"
#include "lib/Import/ONNX/onnx.pb.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::importer;
using ::onnx::AttributeProto;

Node::Node(const ::onnx::NodeProto &proto, GraphImporter &graph, Emit &e,
           int64_t version)
    : e(e), graph(graph), proto(proto), opset(version) {
  for (const std::string &name : proto.input())
    inputs.push_back(graph.isAbsent(name) ? StringRef() : StringRef(name));
  // Optional inputs at the end may be left out or be empty.
  while (!inputs.empty() && inputs.back().empty())
    inputs.pop_back();
}

StringRef Node::type() const { return proto.op_type(); }

std::string Node::describe() const {
  StringRef name = proto.name();
  if (name.empty() && proto.output_size())
    name = proto.output(0);
  std::string type = proto.op_type();
  if (!proto.domain().empty())
    type = proto.domain() + "." + type;
  return ("node '" + name + "' (" + type + ")").str();
}

//===----------------------------------------------------------------------===//
// Operands and results
//===----------------------------------------------------------------------===//

bool Node::has(int i) const {
  maxAsked = std::max(maxAsked, i + 1);
  return i < int(inputs.size()) && !inputs[i].empty();
}

Value Node::in(int i) {
  if (Value v = optional(i))
    return v;
  if (!has(i))
    error() << "needs an input " << i << ", and has none";
  return {};
}

Value Node::optional(int i) {
  return has(i) ? graph.lookup(inputs[i]) : Value();
}

Value Node::vector(int i) {
  Value v = in(i);
  if (!v || e.rank(v) == 1)
    return v;
  error() << "needs a vector as input " << i << ", '" << inputs[i] << "', got "
          << e.type(v);
  return {};
}

const TensorView *Node::tensor(int i) {
  if (!has(i))
    return nullptr;
  std::optional<TensorView> view = graph.lookupTensor(inputs[i]);
  if (!view)
    return nullptr;
  views.push_back(std::make_unique<TensorView>(*view));
  return views.back().get();
}

int Node::numOutputs() const { return proto.output_size(); }

bool Node::wants(int i) const {
  return i < proto.output_size() && !proto.output(i).empty();
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

const AttributeProto *Node::attribute(StringRef name) {
  for (const AttributeProto &attribute : proto.attribute())
    if (attribute.name() == name)
      return graph.resolve(attribute);
  return nullptr;
}

/// The attribute, if it is there and of the type.
static const AttributeProto *getTyped(Node &node, StringRef name,
                                      AttributeProto::AttributeType type,
                                      StringRef typeName) {
  const AttributeProto *attribute = node.attribute(name);
  if (!attribute || attribute->type() == type)
    return attribute;
  if (!node.hasBadAttribute)
    node.error() << "attribute '" << name << "' is not of type " << typeName;
  node.hasBadAttribute = true;
  return nullptr;
}

int64_t Node::getInt(StringRef name, int64_t otherwise) {
  auto *found = getTyped(*this, name, AttributeProto::INT, "INT");
  return found ? found->i() : otherwise;
}

double Node::getFloat(StringRef name, double otherwise) {
  auto *found = getTyped(*this, name, AttributeProto::FLOAT, "FLOAT");
  return found ? found->f() : otherwise;
}

StringRef Node::getString(StringRef name, StringRef otherwise) {
  auto *found = getTyped(*this, name, AttributeProto::STRING, "STRING");
  return found ? StringRef(found->s()) : otherwise;
}

std::optional<SmallVector<int64_t>> Node::getInts(StringRef name) {
  auto *found = getTyped(*this, name, AttributeProto::INTS, "INTS");
  if (!found)
    return std::nullopt;
  return SmallVector<int64_t>(found->ints().begin(), found->ints().end());
}

std::optional<SmallVector<double>> Node::getFloats(StringRef name) {
  auto *found = getTyped(*this, name, AttributeProto::FLOATS, "FLOATS");
  if (!found)
    return std::nullopt;
  return SmallVector<double>(found->floats().begin(), found->floats().end());
}

const ::onnx::GraphProto *Node::getGraph(StringRef name) {
  auto *found = getTyped(*this, name, AttributeProto::GRAPH, "GRAPH");
  if (!found && !hasBadAttribute)
    error() << "has no attribute '" << name << "'";
  return found ? &found->g() : nullptr;
}

Value Node::getTensor(StringRef name) {
  auto *found = getTyped(*this, name, AttributeProto::TENSOR, "TENSOR");
  return found ? graph.importTensor(found->t(), name) : Value();
}

//===----------------------------------------------------------------------===//
// Numbers that shape the graph
//===----------------------------------------------------------------------===//

std::optional<SmallVector<int64_t>> Node::constantInts(int i) {
  Value v = optional(i);
  if (!v || !isa<RankedTensorType>(v.getType()) ||
      !isa<IntegerType>(e.element(v)))
    return std::nullopt;
  std::optional<Extents> elements = e.values.lookup(v);
  return elements ? getConstantIntValues(*elements) : std::nullopt;
}

FailureOr<SmallVector<int64_t>> Node::requireInts(int i) {
  if (auto numbers = constantInts(i))
    return *numbers;
  if (has(i))
    return unsupported("input '" + inputs[i] +
                       "' is not constant, and its values decide the graph's "
                       "structure");
  error() << "needs an input " << i << ", and has none";
  return failure();
}

FailureOr<Extents> Node::requireExtents(int i) {
  Value v = in(i);
  if (!v)
    return failure();
  auto type = cast<RankedTensorType>(v.getType());
  if (!isa<IntegerType>(type.getElementType())) {
    error() << "input '" << inputs[i] << "' is of " << type.getElementType()
            << ", not of integers";
    return failure();
  }
  if (!type.hasStaticShape() ||
      type.getNumElements() > analysis::ShapeValues::maxElements)
    return unsupported("the number of elements of input '" + inputs[i] +
                       "' is not known, so the rank of the result is not");
  return e.values.extract(v);
}

FailureOr<std::optional<SmallVector<int64_t>>> Node::intsFrom(StringRef name,
                                                              int i) {
  using Result = std::optional<SmallVector<int64_t>>;
  if (auto ints = getInts(name))
    return Result(*ints);
  if (hasBadAttribute)
    return failure();
  if (!has(i))
    return Result();
  FailureOr<SmallVector<int64_t>> ints = requireInts(i);
  if (failed(ints))
    return failure();
  return Result(*ints);
}

FailureOr<int64_t> Node::axis(int64_t axis, int64_t rank) {
  int64_t fromFront = axis < 0 ? axis + rank : axis;
  if (fromFront >= 0 && fromFront < rank)
    return fromFront;
  error() << "axis " << axis << " is not an axis of a tensor of rank " << rank;
  return failure();
}

FailureOr<SmallVector<int64_t>> Node::axes(ArrayRef<int64_t> axes,
                                           int64_t rank) {
  SmallVector<int64_t> result;
  for (int64_t each : axes) {
    FailureOr<int64_t> fromFront = axis(each, rank);
    if (failed(fromFront))
      return failure();
    if (llvm::is_contained(result, *fromFront)) {
      error() << "names axis " << each << " twice";
      return failure();
    }
    result.push_back(*fromFront);
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

InFlightDiagnostic Node::error() {
  return emitError(e.loc) << describe() << ": ";
}

LogicalResult Node::unsupported(const Twine &what) {
  return error() << "is not supported: " << what;
}

//===----------------------------------------------------------------------===//
// Table
//===----------------------------------------------------------------------===//

const Operator *OperatorTable::lookup(StringRef domain, StringRef name,
                                      int64_t version) const {
  auto found = operators.find(name);
  const Operator *best = nullptr;
  if (found != operators.end())
    for (const Operator &each : found->second)
      if (each.domain == domain && each.since <= version &&
          (!best || each.since > best->since))
        best = &each;
  return best;
}
