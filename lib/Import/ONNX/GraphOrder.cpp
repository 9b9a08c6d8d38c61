#include "lib/Import/ONNX/GraphOrder.h"

#include "lib/Import/ONNX/onnx.pb.h"

#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using ::onnx::GraphProto;
using ::onnx::NodeProto;

static std::string describe(const NodeProto &node) {
  std::string name = node.name();
  if (name.empty() && node.output_size())
    name = node.output(0);
  return "'" + name + "' (" + node.op_type() + ")";
}

/// Names that the subgraphs of a node read and do not define themselves.
static void collectCaptures(const NodeProto &node,
                            SmallVectorImpl<StringRef> &captures) {
  for (const auto &attribute : node.attribute()) {
    auto visit = [&](const GraphProto &graph) {
      llvm::StringSet<> own;
      for (const auto &input : graph.input())
        own.insert(input.name());
      for (const auto &tensor : graph.initializer())
        own.insert(tensor.name());
      for (const NodeProto &inner : graph.node())
        for (const std::string &name : inner.output())
          own.insert(name);
      SmallVector<StringRef> read;
      for (const NodeProto &inner : graph.node()) {
        read.append(inner.input().begin(), inner.input().end());
        collectCaptures(inner, read);
      }
      for (const auto &output : graph.output())
        read.push_back(output.name());
      for (StringRef name : read)
        if (!own.contains(name))
          captures.push_back(name);
    };
    if (attribute.has_g())
      visit(attribute.g());
    for (const GraphProto &graph : attribute.graphs())
      visit(graph);
  }
}

namespace {
struct Dependencies {
  /// For each node the nodes that wait for it, and how many it waits for.
  std::vector<SmallVector<unsigned, 2>> users, sources;
  std::vector<unsigned> waiting;
};
} // namespace

/// Follows unmet dependencies from a node until one repeats.
static LogicalResult reportCycle(ArrayRef<const NodeProto *> nodes,
                                 const Dependencies &deps, Location loc) {
  auto isStuck = [&](unsigned i) { return deps.waiting[i] > 0; };
  unsigned at = 0;
  while (!isStuck(at))
    ++at;
  std::vector<bool> seen(nodes.size());
  while (!seen[at]) {
    seen[at] = true;
    at = *llvm::find_if(deps.sources[at], isStuck);
  }
  InFlightDiagnostic diag =
      emitError(loc) << "the graph has a cycle, so no order of its nodes can "
                        "compute it: node "
                     << describe(*nodes[at]);
  unsigned start = at, shown = 0;
  do {
    at = *llvm::find_if(deps.sources[at], isStuck);
    diag << " needs " << describe(*nodes[at]);
  } while (at != start && ++shown < 8);
  return diag;
}

LogicalResult qcc::importer::checkOrder(ArrayRef<const NodeProto *> nodes,
                                        Location loc) {
  llvm::StringMap<unsigned> producers;
  for (auto [i, node] : llvm::enumerate(nodes))
    for (const std::string &name : node->output())
      if (!name.empty() && !producers.try_emplace(name, i).second)
        return emitError(loc)
               << "nodes " << describe(*nodes[producers[name]]) << " and "
               << describe(*node) << " both give '" << name
               << "'; each value needs a name of its own";

  Dependencies deps;
  deps.users.resize(nodes.size());
  deps.sources.resize(nodes.size());
  deps.waiting.resize(nodes.size());
  for (auto [i, node] : llvm::enumerate(nodes)) {
    SmallVector<StringRef> names(node->input().begin(), node->input().end());
    collectCaptures(*node, names);
    for (StringRef name : names) {
      auto found = producers.find(name);
      if (found == producers.end())
        continue;
      deps.users[found->second].push_back(i);
      deps.sources[i].push_back(found->second);
      ++deps.waiting[i];
    }
  }

  SmallVector<unsigned> ready;
  for (unsigned i : llvm::seq<unsigned>(0, nodes.size()))
    if (deps.waiting[i] == 0)
      ready.push_back(i);
  size_t done = 0;
  while (!ready.empty()) {
    unsigned i = ready.pop_back_val();
    ++done;
    for (unsigned user : deps.users[i])
      if (--deps.waiting[user] == 0)
        ready.push_back(user);
  }
  if (done < nodes.size())
    return reportCycle(nodes, deps, loc);
  for (auto [i, sources] : llvm::enumerate(deps.sources))
    for (unsigned source : sources)
      if (source > i)
        return emitError(loc)
               << "node " << describe(*nodes[i])
               << " needs what the later node " << describe(*nodes[source])
               << " gives; ONNX wants nodes sorted by what they need";
  return success();
}
