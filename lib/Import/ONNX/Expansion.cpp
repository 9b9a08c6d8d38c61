#include "lib/Import/ONNX/Expansion.h"

#include "lib/Import/ONNX/onnx.pb.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace qcc::importer;
using ::onnx::AttributeProto;
using ::onnx::FunctionProto;
using ::onnx::GraphProto;
using ::onnx::NodeProto;

namespace {

class NodeCounter {
public:
  explicit NodeCounter(const ModelContext &model) : model(model) {}

  uint64_t count(const GraphProto &graph) {
    uint64_t total = 0;
    for (const NodeProto &node : graph.node())
      total = llvm::SaturatingAdd(total, count(node));
    return total;
  }

private:
  uint64_t count(const NodeProto &node) {
    uint64_t total = 1;
    for (const AttributeProto &attribute : node.attribute()) {
      if (attribute.has_g())
        total = llvm::SaturatingAdd(total, count(attribute.g()));
      for (const GraphProto &graph : attribute.graphs())
        total = llvm::SaturatingAdd(total, count(graph));
    }
    if (const FunctionProto *function = model.findFunction(node))
      total = llvm::SaturatingAdd(total, count(*function));
    return total;
  }

  /// Each function is counted once. What calls itself, or is nested too deep,
  /// the importer reports when it comes to the call.
  uint64_t count(const FunctionProto &function) {
    auto [known, isNew] = sizes.try_emplace(&function, 0);
    if (!isNew || depth > maxDepth)
      return known->second;
    ++depth;
    uint64_t total = 0;
    for (const NodeProto &node : function.node())
      total = llvm::SaturatingAdd(total, count(node));
    --depth;
    return sizes[&function] = total;
  }

  static constexpr unsigned maxDepth = 100;

  const ModelContext &model;
  llvm::DenseMap<const FunctionProto *, uint64_t> sizes;
  unsigned depth = 0;
};

} // namespace

LogicalResult qcc::importer::checkExpansion(const ModelContext &model) {
  uint64_t limit = model.options.limits.maxNodes;
  if (NodeCounter(model).count(model.proto.graph()) <= limit)
    return success();
  return emitError(model.file)
         << "the model has more than " << limit
         << " nodes, the limit, once its functions are put in place of their "
            "calls";
}
