// From graphs to blocks: names, order, scopes, functions.

#ifndef LIB_IMPORT_ONNX_GRAPHIMPORTER_H
#define LIB_IMPORT_ONNX_GRAPHIMPORTER_H

#include "lib/Import/ONNX/Node.h"

#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/StringSet.h"

namespace onnx {
class FunctionProto;
class ModelProto;
class ValueInfoProto;
} // namespace onnx

namespace qcc::importer {

/// What all graphs of a model share.
struct ModelContext {
  const ::onnx::ModelProto &proto;
  TensorReader &reader;
  const OperatorTable &table;
  const ImportOptions &options;
  /// The model's file, for locations.
  mlir::Location file;
  llvm::StringMap<int64_t> opsets;
  /// By domain, name and overload, separated by '\n'.
  llvm::StringMap<const ::onnx::FunctionProto *> functions;
  /// Functions whose bodies are being imported.
  llvm::SmallVector<const ::onnx::FunctionProto *> callStack;
  /// Functions of an unknown operator set, which was reported.
  llvm::SmallPtrSet<const ::onnx::FunctionProto *, 4> refused;
  uint64_t numNodes = 0;
  uint64_t numErrors = 0;

  /// The function that a node calls; null when it is an operator.
  const ::onnx::FunctionProto *
  findFunction(const ::onnx::NodeProto &proto) const;
};

/// Whether the known extents alone make a tensor of more than `limit` bytes.
bool exceedsBytes(mlir::RankedTensorType type, uint64_t limit);

/// The names of one graph or function body. Subgraphs see those around them.
class GraphImporter {
public:
  GraphImporter(ModelContext &model, Emit &e, GraphImporter *outer)
      : model(model), e(e), outer(outer) {}

  ModelContext &model;

  /// Declares a name of this graph; an error if there is one already.
  llvm::LogicalResult define(llvm::StringRef name, Value v);
  /// A tensor that becomes a constant when somebody asks for it.
  llvm::LogicalResult defineTensor(llvm::StringRef name,
                                   const ::onnx::TensorProto &proto);

  llvm::LogicalResult importInitializers(const ::onnx::GraphProto &graph);

  /// All nodes, which must stand in an order in which each comes after what it
  /// needs.
  llvm::LogicalResult
  importNodes(llvm::ArrayRef<const ::onnx::NodeProto *> nodes,
              const llvm::StringMap<int64_t> &opsets);

  /// The values of a graph's outputs, after its nodes.
  mlir::FailureOr<llvm::SmallVector<Value>>
  importBody(const ::onnx::GraphProto &graph);

  /// Null when nobody defined the name. A value whose node failed is null and
  /// `isPoisoned`.
  Value lookup(llvm::StringRef name);
  /// Whether the name stands for nothing: an input that a call leaves out.
  bool isAbsent(llvm::StringRef name) const;
  std::optional<TensorView> lookupTensor(llvm::StringRef name);
  Value importTensor(const ::onnx::TensorProto &proto, llvm::StringRef name);

  /// An attribute of the function that this is the body of.
  const ::onnx::AttributeProto *lookupReference(llvm::StringRef name) const;
  /// An attribute without references: null if it refers to an absent one.
  const ::onnx::AttributeProto *
  resolve(const ::onnx::AttributeProto &attribute) const;

  int64_t getOpset(llvm::StringRef domain) const;

private:
  struct Entry {
    Value value;
    const ::onnx::TensorProto *tensor = nullptr;
    /// Its node could not be imported, which was reported.
    bool isPoisoned = false;
  };
  Entry *find(llvm::StringRef name);

  llvm::LogicalResult
  checkOpset(llvm::ArrayRef<const ::onnx::NodeProto *> nodes);
  llvm::LogicalResult importNode(const ::onnx::NodeProto &proto);
  const Operator *findOperator(Node &node);
  llvm::LogicalResult checkInputs(Node &node);
  bool readsPoisoned(const ::onnx::NodeProto &proto);
  /// Marks what a node that cannot be imported would have given.
  llvm::LogicalResult poison(const ::onnx::NodeProto &proto, bool isReported);
  llvm::LogicalResult defineConstant(Node &node,
                                     const ::onnx::TensorProto &tensor);
  llvm::LogicalResult defineOutputs(Node &node);
  llvm::LogicalResult importCall(Node &node,
                                 const ::onnx::FunctionProto &function);

  Emit &e;
  GraphImporter *outer;
  const llvm::StringMap<int64_t> *opsets = nullptr;
  llvm::StringMap<Entry> names;
  bool isFunction = false;
  /// Inputs of the function that its call leaves out.
  llvm::StringSet<> absent;
  llvm::StringMap<const ::onnx::AttributeProto *> references;
  friend class Node;
};

} // namespace qcc::importer

#endif // LIB_IMPORT_ONNX_GRAPHIMPORTER_H
