// One node of a graph, as the function that imports it sees it.

#ifndef LIB_IMPORT_ONNX_NODE_H
#define LIB_IMPORT_ONNX_NODE_H

#include "lib/Import/ONNX/Emit.h"
#include "lib/Import/ONNX/Tensors.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringMap.h"

namespace onnx {
class AttributeProto;
class GraphProto;
class NodeProto;
} // namespace onnx

namespace qcc::importer {

class GraphImporter;

class Node {
public:
  Node(const ::onnx::NodeProto &proto, GraphImporter &graph, Emit &e,
       int64_t version);

  Emit &e;
  GraphImporter &graph;
  const ::onnx::NodeProto &proto;

  /// The version of the node's operator set, which tells what it means.
  int64_t version() const { return opset; }
  /// The op type.
  llvm::StringRef type() const;
  /// As diagnostics call it: "node 'conv1' (Conv)".
  std::string describe() const;

  //===--------------------------------------------------------------------===//
  // Operands and results
  //===--------------------------------------------------------------------===//

  int numInputs() const {
    maxAsked = inputs.size();
    return inputs.size();
  }
  /// Inputs that the node has and nobody asked for, by their number.
  bool hasUnknownInput() const { return int(inputs.size()) > maxAsked; }
  /// Whether input `i` is there: it may be absent or have an empty name.
  bool has(int i) const;
  /// Null and an error when it is not there.
  Value in(int i);
  /// Null when it is not there.
  Value optional(int i);
  /// As `in`, with an error if it is not a tensor of rank 1.
  Value vector(int i);
  /// Null when it is not there, or not a tensor whose bytes are known.
  const TensorView *tensor(int i);

  int numOutputs() const;
  /// Whether anybody can want output `i`.
  bool wants(int i) const;
  void set(int i, Value v) {
    outputs.resize(std::max<size_t>(outputs.size(), i + 1));
    outputs[i] = v;
  }
  llvm::LogicalResult result(Value v) {
    set(0, v);
    return llvm::success(v != nullptr);
  }

  //===--------------------------------------------------------------------===//
  // Attributes; one of another type than asked for is an error
  //===--------------------------------------------------------------------===//

  const ::onnx::AttributeProto *attribute(llvm::StringRef name);
  bool hasAttribute(llvm::StringRef name) { return attribute(name); }
  int64_t getInt(llvm::StringRef name, int64_t otherwise);
  double getFloat(llvm::StringRef name, double otherwise);
  llvm::StringRef getString(llvm::StringRef name, llvm::StringRef otherwise);
  std::optional<llvm::SmallVector<int64_t>> getInts(llvm::StringRef name);
  std::optional<llvm::SmallVector<double>> getFloats(llvm::StringRef name);
  /// The graph of an attribute; null and an error when it is not there.
  const ::onnx::GraphProto *getGraph(llvm::StringRef name);
  /// The value of a tensor attribute; null when it is not there.
  Value getTensor(llvm::StringRef name);

  //===--------------------------------------------------------------------===//
  // Numbers that shape the graph
  //===--------------------------------------------------------------------===//

  /// A constant input of at most 64 integers; nothing if it is not constant.
  std::optional<llvm::SmallVector<int64_t>> constantInts(int i);
  /// As `constantInts`, with an error if it is not constant.
  mlir::FailureOr<llvm::SmallVector<int64_t>> requireInts(int i);
  /// The elements of a vector of extents or positions, and an error if their
  /// number is not known.
  mlir::FailureOr<Extents> requireExtents(int i);
  /// The attribute up to some version of the operator, and input `i` since
  /// then; nothing where neither is there.
  mlir::FailureOr<std::optional<llvm::SmallVector<int64_t>>>
  intsFrom(llvm::StringRef name, int i);
  /// An axis counted from the front, and an error if there is none such.
  mlir::FailureOr<int64_t> axis(int64_t axis, int64_t rank);
  mlir::FailureOr<llvm::SmallVector<int64_t>> axes(llvm::ArrayRef<int64_t> axes,
                                                   int64_t rank);

  //===--------------------------------------------------------------------===//
  // Errors
  //===--------------------------------------------------------------------===//

  /// What is wrong with the model.
  mlir::InFlightDiagnostic error();
  /// What qcc cannot do.
  llvm::LogicalResult unsupported(const llvm::Twine &what);

  /// An attribute had a wrong type.
  bool hasBadAttribute = false;
  llvm::SmallVector<Value> outputs;

private:
  int64_t opset;
  /// Behind the last input that was asked for.
  mutable int maxAsked = 0;
  llvm::SmallVector<llvm::StringRef> inputs;
  llvm::SmallVector<std::unique_ptr<TensorView>> views;
};

/// Imports a node: sets its outputs, or reports why not.
using Handler = llvm::LogicalResult (*)(Node &);

/// What a domain's op type means from one version of the operator set on.
struct Operator {
  llvm::StringRef domain, name;
  int64_t since;
  Handler handler;
};

/// Op types by domain and name.
class OperatorTable {
public:
  OperatorTable();

  /// The latest meaning not newer than `version`; null when there is none.
  const Operator *lookup(llvm::StringRef domain, llvm::StringRef name,
                         int64_t version) const;

  void add(llvm::StringRef name, Handler handler, int64_t since = 1) {
    operators[name].push_back({"", name, since, handler});
  }
  void addMicrosoft(llvm::StringRef name, Handler handler) {
    operators[name].push_back({"com.microsoft", name, 1, handler});
  }

private:
  llvm::StringMap<llvm::SmallVector<Operator, 1>> operators;
};

// One function for each file of handlers.
void addElementwise(OperatorTable &table);
void addActivations(OperatorTable &table);
void addTensor(OperatorTable &table);
void addSlicing(OperatorTable &table);
void addIndexing(OperatorTable &table);
void addShapes(OperatorTable &table);
void addReductions(OperatorTable &table);
void addContractions(OperatorTable &table);
void addEinsum(OperatorTable &table);
void addConvolutions(OperatorTable &table);
void addPooling(OperatorTable &table);
void addNormalizations(OperatorTable &table);
void addLosses(OperatorTable &table);
void addSampling(OperatorTable &table);
void addAttention(OperatorTable &table);
void addQuantized(OperatorTable &table);
void addQuantizedLinear(OperatorTable &table);
void addMicrosoft(OperatorTable &table);
void addControl(OperatorTable &table);

} // namespace qcc::importer

#endif // LIB_IMPORT_ONNX_NODE_H
