#include "lib/Import/ONNX/GraphImporter.h"

#include "lib/Import/ONNX/GraphOrder.h"
#include "lib/Import/ONNX/Schemas.h"
#include "lib/Import/ONNX/onnx.pb.h"

#include "mlir/IR/Location.h"
#include "llvm/Support/CheckedArithmetic.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::importer;
using ::onnx::AttributeProto;
using ::onnx::FunctionProto;
using ::onnx::GraphProto;
using ::onnx::NodeProto;
using ::onnx::TensorProto;

/// ONNX's operator sets that this importer was written for.
static constexpr int64_t minOpset = 7, maxOpset = 28;

/// A model may refer to functions in functions, but not for ever.
static constexpr size_t maxCallDepth = 64;

/// "ai.onnx" is another name of the domain "".
static StringRef getDomain(StringRef domain) {
  return domain == "ai.onnx" ? StringRef() : domain;
}

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

LogicalResult GraphImporter::define(StringRef name, Value v) {
  if (!names.try_emplace(name, Entry{v}).second)
    return emitError(e.loc) << "'" << name
                            << "' is defined twice; each value needs a name of "
                               "its own";
  return success();
}

LogicalResult GraphImporter::defineTensor(StringRef name,
                                          const TensorProto &proto) {
  if (!names.try_emplace(name, Entry{{}, &proto}).second)
    return emitError(e.loc) << "'" << name
                            << "' is defined twice; each value needs a name of "
                               "its own";
  return success();
}

GraphImporter::Entry *GraphImporter::find(StringRef name) {
  for (GraphImporter *graph = this; graph; graph = graph->outer) {
    auto found = graph->names.find(name);
    if (found != graph->names.end())
      return &found->second;
  }
  return nullptr;
}

bool GraphImporter::isAbsent(StringRef name) const {
  for (const GraphImporter *graph = this; graph; graph = graph->outer)
    if (graph->absent.contains(name))
      return true;
  return false;
}

Value GraphImporter::lookup(StringRef name) {
  Entry *entry = find(name);
  if (!entry)
    return {};
  if (!entry->value && entry->tensor && !entry->isPoisoned) {
    entry->value = importTensor(*entry->tensor, name);
    entry->isPoisoned = !entry->value;
  }
  return entry->value;
}

std::optional<TensorView> GraphImporter::lookupTensor(StringRef name) {
  Entry *entry = find(name);
  if (!entry || !entry->tensor)
    return std::nullopt;
  auto view = model.reader.read(*entry->tensor, e.b.getContext());
  if (view)
    return *view;
  llvm::consumeError(view.takeError());
  return std::nullopt;
}

Value GraphImporter::importTensor(const TensorProto &proto, StringRef name) {
  auto view = model.reader.read(proto, e.b.getContext());
  if (!view)
    return e.fail("tensor '" + name + "' " + llvm::toString(view.takeError()));
  return e.constant(makeAttribute(*view, name));
}

LogicalResult GraphImporter::importInitializers(const GraphProto &graph) {
  LogicalResult result = success();
  for (const auto &sparse : graph.sparse_initializer())
    result = emitError(e.loc) << "initializer '" << sparse.values().name()
                              << "' is sparse, which qcc does not support; "
                                 "save it as a dense tensor";
  for (const TensorProto &proto : graph.initializer()) {
    if (proto.name().empty())
      result = emitError(e.loc) << "an initializer has no name";
    else if (failed(defineTensor(proto.name(), proto)))
      result = failure();
    else if (auto view = model.reader.read(proto, e.b.getContext()); !view)
      // Also of those that nothing uses: the file is damaged.
      result = emitError(e.loc) << "initializer '" << proto.name() << "' "
                                << llvm::toString(view.takeError());
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Attributes of functions
//===----------------------------------------------------------------------===//

const AttributeProto *GraphImporter::lookupReference(StringRef name) const {
  for (const GraphImporter *graph = this; graph; graph = graph->outer)
    if (graph->isFunction)
      return graph->references.lookup(name);
  return nullptr;
}

const AttributeProto *
GraphImporter::resolve(const AttributeProto &attribute) const {
  if (attribute.ref_attr_name().empty())
    return &attribute;
  return lookupReference(attribute.ref_attr_name());
}

int64_t GraphImporter::getOpset(StringRef domain) const {
  for (const GraphImporter *graph = this; graph; graph = graph->outer)
    if (graph->opsets) {
      auto found = graph->opsets->find(getDomain(domain));
      return found == graph->opsets->end() ? 0 : found->second;
    }
  return 0;
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

/// Whether qcc knows the version of ONNX's operator set by which the nodes are
/// to be understood. A function has versions of its own, and may be called
/// often: it is reported once.
LogicalResult GraphImporter::checkOpset(ArrayRef<const NodeProto *> nodes) {
  // Of the domains that are imported but not used any version will do.
  auto isOurs = [](const NodeProto *node) {
    return getDomain(node->domain()).empty();
  };
  int64_t version = getOpset("");
  if (llvm::none_of(nodes, isOurs) || version == 0 ||
      (version >= minOpset && version <= maxOpset))
    return success();
  std::string what = "the model";
  if (!model.callStack.empty()) {
    const FunctionProto *function = model.callStack.back();
    if (!model.refused.insert(function).second)
      return failure();
    what = "function '" + function->name() + "'";
  }
  return emitError(model.file)
         << what << " uses ONNX's operator set " << version << "; qcc knows "
         << minOpset << " to " << maxOpset
         << ". Convert the model with onnx.version_converter";
}

/// NAME(TYPE(FILE)): who reads a location finds the node and its op type.
static Location getLocation(const NodeProto &proto, Location file) {
  StringRef name = proto.name();
  if (name.empty() && proto.output_size())
    name = proto.output(0);
  MLIRContext *context = file.getContext();
  Location type = NameLoc::get(StringAttr::get(context, proto.op_type()), file);
  return NameLoc::get(StringAttr::get(context, name), type);
}

LogicalResult
GraphImporter::importNodes(ArrayRef<const NodeProto *> nodes,
                           const llvm::StringMap<int64_t> &opsets) {
  this->opsets = &opsets;
  if (failed(checkOpset(nodes)) || failed(checkOrder(nodes, e.loc)))
    return failure();
  Location before = e.loc;
  LogicalResult result = success();
  for (const NodeProto *proto : nodes) {
    e.loc = getLocation(*proto, model.file);
    if (failed(importNode(*proto)))
      result = failure();
    e.loc = before;
    if (model.numErrors > 1000)
      return failure();
  }
  return result;
}

const FunctionProto *ModelContext::findFunction(const NodeProto &proto) const {
  std::string key = (getDomain(proto.domain()) + "\n" + proto.op_type() + "\n" +
                     proto.overload())
                        .str();
  return functions.lookup(key);
}

bool qcc::importer::exceedsBytes(RankedTensorType type, uint64_t limit) {
  std::optional<uint64_t> bits = type.getElementTypeBitWidth();
  for (int64_t extent : type.getShape())
    if (bits && !ShapedType::isDynamic(extent))
      bits = llvm::checkedMulUnsigned(*bits, uint64_t(extent));
  return !bits || *bits / 8 > limit;
}

LogicalResult GraphImporter::poison(const NodeProto &proto, bool isReported) {
  for (const std::string &name : proto.output())
    names[name].isPoisoned = true;
  model.numErrors += isReported;
  return failure();
}

/// Null and an error where the node is none that qcc knows.
const Operator *GraphImporter::findOperator(Node &node) {
  StringRef domain = getDomain(node.proto.domain());
  if (node.version() == 0) {
    node.error() << "the model imports no operator set of the domain '"
                 << domain << "'; add it to the model's opset_import";
    return nullptr;
  }
  const Operator *op = model.table.lookup(domain, node.type(), node.version());
  if (!op) {
    (void)node.unsupported("qcc has no operator '" + node.type() +
                           "' of the domain '" +
                           (domain.empty() ? "ai.onnx" : domain) +
                           "', version " + Twine(node.version()));
    return nullptr;
  }
  return domain.empty() && failed(checkSchema(node)) ? nullptr : op;
}

/// Whether something gives each of a node's inputs. They are not looked up: an
/// initializer becomes a constant only where it is used as one.
LogicalResult GraphImporter::checkInputs(Node &node) {
  for (const std::string &name : node.proto.input())
    if (!name.empty() && !isAbsent(name) && !find(name))
      return node.error()
             << "nothing gives its input '" << name
             << "': it is no input of the graph, no initializer and no "
                "output of a node";
  return success();
}

bool GraphImporter::readsPoisoned(const NodeProto &proto) {
  return llvm::any_of(proto.input(), [&](StringRef name) {
    Entry *entry = name.empty() || isAbsent(name) ? nullptr : find(name);
    return entry && entry->isPoisoned;
  });
}

/// The tensor of a Constant; null where the node is none or has another value.
static const TensorProto *getConstantTensor(Node &node) {
  if (node.type() != "Constant" || node.numOutputs() != 1)
    return nullptr;
  const AttributeProto *value = node.attribute("value");
  return value && value->type() == AttributeProto::TENSOR ? &value->t()
                                                          : nullptr;
}

LogicalResult GraphImporter::defineConstant(Node &node,
                                            const TensorProto &tensor) {
  auto view = model.reader.read(tensor, e.b.getContext());
  if (!view)
    return node.error() << "its value " << llvm::toString(view.takeError());
  return defineTensor(node.proto.output(0), tensor);
}

LogicalResult GraphImporter::defineOutputs(Node &node) {
  for (int i = 0; i < node.numOutputs(); ++i) {
    if (!node.wants(i))
      continue;
    const std::string &name = node.proto.output(i);
    Value v = i < int(node.outputs.size()) ? node.outputs[i] : Value();
    if (!v)
      return node.unsupported("output " + Twine(i) + ", '" + name +
                              "', is not computed by qcc");
    uint64_t limit = model.options.limits.maxTensorBytes;
    if (exceedsBytes(cast<RankedTensorType>(v.getType()), limit))
      return node.error() << "its output '" << name << "', " << v.getType()
                          << ", takes more than " << limit
                          << " bytes, the most that qcc takes for a tensor";
    if (failed(define(name, v)))
      return failure();
  }
  return success();
}

LogicalResult GraphImporter::importNode(const NodeProto &proto) {
  if (++model.numNodes > model.options.limits.maxNodes) {
    model.numErrors += 1000;
    return emitError(e.loc)
           << "the model has more than " << model.options.limits.maxNodes
           << " nodes once its functions are put in place of their calls";
  }
  Node node(proto, *this, e, getOpset(proto.domain()));
  const FunctionProto *function = model.findFunction(proto);
  const Operator *op = function ? nullptr : findOperator(node);
  if ((!function && !op) || failed(checkInputs(node)))
    return poison(proto, /*isReported=*/true);
  // A node after one that failed has nothing to be imported from.
  if (readsPoisoned(proto))
    return poison(proto, /*isReported=*/false);
  // A constant is an initializer that stands among the nodes.
  if (const TensorProto *tensor = op ? getConstantTensor(node) : nullptr)
    return succeeded(defineConstant(node, *tensor))
               ? success()
               : poison(proto, /*isReported=*/true);

  LogicalResult result =
      function ? importCall(node, *function) : op->handler(node);
  if (failed(result) || node.hasBadAttribute)
    return poison(proto, /*isReported=*/true);
  if (op && node.hasUnknownInput()) {
    node.error() << "has " << node.numInputs() << " inputs, more than "
                 << proto.op_type() << " of version " << node.version()
                 << " takes";
    return poison(proto, /*isReported=*/true);
  }
  return succeeded(defineOutputs(node)) ? success()
                                        : poison(proto, /*isReported=*/true);
}

LogicalResult GraphImporter::importCall(Node &node,
                                        const FunctionProto &function) {
  if (llvm::is_contained(model.callStack, &function))
    return node.error() << "function '" << function.name()
                        << "' calls itself; ONNX has no recursion";
  if (model.callStack.size() >= maxCallDepth)
    return node.unsupported("functions call each other more than " +
                            Twine(maxCallDepth) + " deep");
  if (node.numInputs() > function.input_size())
    return node.error() << "has " << node.numInputs()
                        << " inputs, its function only "
                        << function.input_size();
  GraphImporter body(model, e, nullptr);
  body.isFunction = true;
  for (const AttributeProto &attribute : function.attribute_proto())
    body.references[attribute.name()] = &attribute;
  for (const AttributeProto &attribute : node.proto.attribute())
    if (const AttributeProto *resolved = resolve(attribute))
      body.references[attribute.name()] = resolved;

  for (int i = 0; i < function.input_size(); ++i)
    if (node.has(i) && failed(body.define(function.input(i), node.in(i))))
      return failure();
  llvm::StringMap<int64_t> opsets;
  for (const auto &import : function.opset_import())
    opsets[getDomain(import.domain())] = import.version();
  SmallVector<const NodeProto *> nodes;
  for (const NodeProto &each : function.node())
    nodes.push_back(&each);
  // An input that the call leaves out is absent in the body, too.
  for (int i = 0; i < function.input_size(); ++i)
    if (!node.has(i))
      body.absent.insert(function.input(i));

  model.callStack.push_back(&function);
  LogicalResult result = body.importNodes(nodes, opsets);
  model.callStack.pop_back();
  if (failed(result))
    return failure();
  for (int i = 0; i < function.output_size() && i < node.numOutputs(); ++i) {
    Value v = body.lookup(function.output(i));
    if (!v && node.wants(i))
      return node.error() << "its function gives no output '"
                          << function.output(i) << "'";
    node.set(i, v);
  }
  return success();
}

FailureOr<SmallVector<Value>>
GraphImporter::importBody(const GraphProto &graph) {
  if (failed(importInitializers(graph)))
    return failure();
  SmallVector<const NodeProto *> nodes;
  for (const NodeProto &each : graph.node())
    nodes.push_back(&each);
  const llvm::StringMap<int64_t> *imports = nullptr;
  for (GraphImporter *g = this; g && !imports; g = g->outer)
    imports = g->opsets;
  LogicalResult result = importNodes(nodes, imports ? *imports : model.opsets);
  SmallVector<Value> outputs;
  for (const auto &output : graph.output()) {
    Value v = lookup(output.name());
    if (!v && !find(output.name()))
      result = emitError(e.loc)
               << "nothing gives the graph's output '" << output.name() << "'";
    outputs.push_back(v);
  }
  if (failed(result) || llvm::is_contained(outputs, Value()))
    return failure();
  return outputs;
}
