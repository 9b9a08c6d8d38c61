// If. Other control flow is refused by name.

#include "lib/Import/ONNX/GraphImporter.h"
#include "lib/Import/ONNX/onnx.pb.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::importer;
using ::onnx::GraphProto;

static FailureOr<SmallVector<Value>> importBranch(Node &n,
                                                  const GraphProto &graph) {
  GraphImporter branch(n.graph.model, n.e, &n.graph);
  Location loc = n.e.loc;
  FailureOr<SmallVector<Value>> results = branch.importBody(graph);
  n.e.loc = loc;
  if (failed(results))
    return failure();
  if (int(results->size()) != n.numOutputs())
    return n.error() << "has " << n.numOutputs() << " outputs, its branch '"
                     << graph.name() << "' " << results->size();
  return results;
}

/// What both types are: extents that differ are dynamic.
static RankedTensorType join(RankedTensorType a, RankedTensorType b) {
  SmallVector<int64_t> shape;
  for (auto [x, y] : llvm::zip_equal(a.getShape(), b.getShape()))
    shape.push_back(x == y ? x : ShapedType::kDynamic);
  return RankedTensorType::get(shape, a.getElementType());
}

static LogicalResult importRunTimeIf(Node &n, Value condition,
                                     const GraphProto &thenGraph,
                                     const GraphProto &elseGraph) {
  Emit &e = n.e;
  OpFoldResult holds = e.values.extract(e.reshape(condition, {})).front();
  Value flag = e.math.materialize(holds);
  OpBuilder::InsertionGuard guard(e.b);
  Region regions[2];
  SmallVector<Value> yields[2];
  auto point = e.b.saveInsertionPoint();
  // The op comes first, so that its branches lie within the function.
  auto placeholder =
      scf::IfOp::create(e.b, e.loc, TypeRange(), flag, /*withElse=*/true);
  for (int i : {0, 1}) {
    Emit::Scope scope(e);
    Block &block =
        (i == 0 ? placeholder.getThenRegion() : placeholder.getElseRegion())
            .front();
    e.b.setInsertionPointToStart(&block);
    auto results = importBranch(n, i == 0 ? thenGraph : elseGraph);
    if (failed(results))
      return failure();
    yields[i] = *results;
  }
  SmallVector<Type> types;
  for (auto [x, y] : llvm::zip_equal(yields[0], yields[1])) {
    RankedTensorType a = Emit::type(x), b = Emit::type(y);
    if (a.getElementType() != b.getElementType() || a.getRank() != b.getRank())
      return n.unsupported("its branches give different types or ranks");
    types.push_back(join(a, b));
  }
  for (int i : {0, 1}) {
    Block &block =
        (i == 0 ? placeholder.getThenRegion() : placeholder.getElseRegion())
            .front();
    e.b.setInsertionPoint(block.getTerminator());
    for (auto [v, type] : llvm::zip_equal(yields[i], types))
      if (v.getType() != type)
        v = tensor::CastOp::create(e.b, e.loc, type, v);
    block.getTerminator()->setOperands(yields[i]);
  }
  e.b.restoreInsertionPoint(point);
  e.b.setInsertionPointAfter(placeholder);
  auto op = scf::IfOp::create(e.b, e.loc, types, flag);
  op.getThenRegion().takeBody(placeholder.getThenRegion());
  op.getElseRegion().takeBody(placeholder.getElseRegion());
  placeholder.erase();
  for (auto [i, result] : llvm::enumerate(op.getResults()))
    n.set(i, result);
  return success();
}

static LogicalResult importIf(Node &n) {
  Value condition = n.in(0);
  const GraphProto *thenGraph = n.getGraph("then_branch");
  const GraphProto *elseGraph = thenGraph ? n.getGraph("else_branch") : nullptr;
  if (!condition || !elseGraph)
    return failure();
  if (!Emit::element(condition).isInteger(1) ||
      !Emit::type(condition).hasStaticShape() ||
      Emit::type(condition).getNumElements() != 1)
    return n.error() << "the condition is " << Emit::type(condition)
                     << ", not one bool";
  auto known = n.e.values.lookup(condition);
  std::optional<int64_t> number =
      known ? getConstantIntValue(known->front()) : std::nullopt;
  if (!number)
    return importRunTimeIf(n, condition, *thenGraph, *elseGraph);
  auto results = importBranch(n, *number ? *thenGraph : *elseGraph);
  if (failed(results))
    return failure();
  for (auto [i, result] : llvm::enumerate(*results))
    n.set(i, result);
  return success();
}

void qcc::importer::addControl(OperatorTable &t) { t.add("If", importIf); }
