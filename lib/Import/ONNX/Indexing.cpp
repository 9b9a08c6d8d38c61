// Elements at positions that are computed: gathers, scatters, sorted ones.

#include "lib/Import/ONNX/Node.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::importer;
using qnn::CompareKind;
using qnn::ScatterKind;

/// Indices as the qnn ops take them.
static Value asIndices(Emit &e, Value v) {
  if (!v || e.element(v).isInteger(32) || e.element(v).isInteger(64))
    return v;
  return e.cast(v, e.b.getI64Type());
}

static LogicalResult importGather(Node &n) {
  Value x = n.in(0), indices = x ? asIndices(n.e, n.in(1)) : Value();
  if (!indices)
    return failure();
  auto axis = n.axis(n.getInt("axis", 0), n.e.rank(x));
  return failed(axis) ? failure() : n.result(n.e.gather(x, indices, *axis));
}

static Value gatherElements(Emit &e, Value x, Value indices, int64_t axis) {
  if (!x || !indices)
    return {};
  Value result = e.make<qnn::GatherElementsOp>(x, indices, axis);
  if (result)
    e.setExtents(result, e.extents(indices));
  return result;
}

static LogicalResult importGatherElements(Node &n) {
  Value x = n.in(0), indices = x ? asIndices(n.e, n.in(1)) : Value();
  if (!indices)
    return failure();
  auto axis = n.axis(n.getInt("axis", 0), n.e.rank(x));
  return failed(axis) ? failure()
                      : n.result(gatherElements(n.e, x, indices, *axis));
}

static LogicalResult importGatherND(Node &n) {
  Value x = n.in(0), indices = x ? asIndices(n.e, n.in(1)) : Value();
  if (!indices)
    return failure();
  int64_t batch = n.getInt("batch_dims", 0);
  Extents at = n.e.extents(indices), extents = n.e.extents(x);
  if (at.empty() || !getConstantIntValue(at.back()))
    return n.unsupported("the number of positions in an index is not known");
  int64_t depth = *getConstantIntValue(at.back());
  if (batch < 0 || depth < 0 || batch + depth > n.e.rank(x) ||
      batch >= int64_t(at.size()))
    return n.error() << "indexes " << batch << " + " << depth
                     << " axes of a tensor of rank " << n.e.rank(x);
  Value result = n.e.make<qnn::GatherNDOp>(x, indices, batch);
  if (!result)
    return failure();
  at.pop_back();
  at.append(extents.begin() + batch + depth, extents.end());
  n.e.setExtents(result, at);
  return n.result(result);
}

static FailureOr<ScatterKind> getScatterKind(Node &n) {
  StringRef name = n.getString("reduction", "none");
  if (name == "none")
    return ScatterKind::set;
  for (ScatterKind each :
       {ScatterKind::add, ScatterKind::mul, ScatterKind::min, ScatterKind::max})
    if (name == stringifyScatterKind(each))
      return each;
  n.error() << "reduction is '" << name << "', which is none of ONNX's";
  return failure();
}

static LogicalResult importScatterElements(Node &n) {
  Value x = n.in(0), indices = x ? asIndices(n.e, n.in(1)) : Value();
  Value updates = indices ? n.in(2) : Value();
  FailureOr<ScatterKind> kind = getScatterKind(n);
  if (!updates || failed(kind))
    return failure();
  auto axis = n.axis(n.getInt("axis", 0), n.e.rank(x));
  if (failed(axis))
    return failure();
  Value result =
      n.e.make<qnn::ScatterElementsOp>(*kind, x, indices, updates, *axis);
  if (result)
    n.e.setExtents(result, n.e.extents(x));
  return n.result(result);
}

static LogicalResult importScatterND(Node &n) {
  Value x = n.in(0), indices = x ? asIndices(n.e, n.in(1)) : Value();
  Value updates = indices ? n.in(2) : Value();
  FailureOr<ScatterKind> kind = getScatterKind(n);
  if (!updates || failed(kind))
    return failure();
  Value result = n.e.make<qnn::ScatterNDOp>(*kind, x, indices, updates);
  if (result)
    n.e.setExtents(result, n.e.extents(x));
  return n.result(result);
}

static LogicalResult importTopK(Node &n) {
  Value x = n.in(0);
  if (!x)
    return failure();
  auto axis = n.axis(n.getInt("axis", -1), n.e.rank(x));
  if (failed(axis))
    return failure();
  OpFoldResult k = n.e.math.constant(n.getInt("k", 0));
  if (n.version() >= 10) {
    FailureOr<Extents> given = n.requireExtents(1);
    if (failed(given))
      return failure();
    if (given->size() != 1)
      return n.error() << "k has " << given->size() << " elements";
    k = given->front();
  }
  OpFoldResult extent = n.e.extent(x, *axis);
  auto number = getConstantIntValue(k), most = getConstantIntValue(extent);
  if (number && (*number < 0 || (most && *number > *most)))
    return n.error() << "asks for " << *number << " elements of an axis of "
                     << (most ? *most : 0);
  if (!number || !most)
    n.e.check(n.e.math.less(k, n.e.math.add(extent, n.e.math.constant(1))),
              "asks for more elements than there are");
  auto op = qnn::TopKOp::create(n.e.b, n.e.loc, x, k, *axis,
                                n.getInt("largest", 1) != 0);
  Extents extents = n.e.extents(x);
  extents[*axis] = k;
  for (auto [i, result] : llvm::enumerate(op->getResults())) {
    n.e.setExtents(result, extents);
    n.set(i, result);
  }
  return success();
}

/// Positions of elements that are not zero, [rank, count].
static Value nonZero(Emit &e, Value x) {
  auto type = RankedTensorType::get(
      {e.rank(x),
       getConstantIntValue(e.numElements(x)).value_or(ShapedType::kDynamic)},
      e.b.getI64Type());
  auto op = qnn::NonZeroOp::create(e.b, e.loc,
                                   TypeRange{type, e.b.getIndexType()}, x);
  e.setExtents(op.getPositions(),
               {e.math.constant(e.rank(x)), e.numElements(x)});
  return e.slice(op.getPositions(), 1, e.math.constant(0), op.getCount());
}

static LogicalResult importNonZero(Node &n) {
  Value x = n.in(0);
  return x ? n.result(nonZero(n.e, x)) : failure();
}

static LogicalResult importCompress(Node &n) {
  Value x = n.in(0), condition = x ? n.in(1) : Value();
  if (!condition)
    return failure();
  if (n.e.rank(condition) != 1)
    return n.error() << "the condition is " << n.e.type(condition)
                     << ", not a vector";
  int64_t axis = 0;
  if (n.hasAttribute("axis")) {
    auto given = n.axis(n.getInt("axis", 0), n.e.rank(x));
    if (failed(given))
      return failure();
    axis = *given;
  } else {
    x = n.e.reshape(x, {n.e.numElements(x)});
  }
  Value positions = nonZero(n.e, condition);
  return n.result(n.e.gather(x, n.e.squeeze(positions, {0}), axis));
}

/// The first `lengths[b]` elements of each batch in the other order.
static LogicalResult importReverseSequence(Node &n) {
  Emit &e = n.e;
  Value x = n.in(0), lengths = x ? n.vector(1) : Value();
  if (!lengths)
    return failure();
  int64_t time = n.getInt("time_axis", 0), batch = n.getInt("batch_axis", 1);
  if (time + batch != 1 || time * batch != 0 || e.rank(x) < 2)
    return n.error() << "time and batch are axes 0 and 1 of the input";
  Type i64 = e.b.getI64Type();
  Extents plane{e.extent(x, 0), e.extent(x, 1)};
  Value at = e.iota(plane, time, i64);
  lengths = e.unsqueeze(e.cast(lengths, i64), {time});
  Value mirrored = e.sub(e.sub(lengths, 1.0), at);
  Value from = e.select(e.compare(CompareKind::lt, at, lengths), mirrored, at);
  SmallVector<int64_t> inner;
  for (int64_t axis = 2; axis < e.rank(x); ++axis)
    inner.push_back(axis);
  Value indices = e.expand(e.unsqueeze(from, inner), e.extents(x));
  return n.result(gatherElements(e, x, indices, time));
}

void qcc::importer::addIndexing(OperatorTable &t) {
  t.add("Gather", importGather);
  t.add("GatherElements", importGatherElements, 11);
  t.add("GatherND", importGatherND, 11);
  t.add("Scatter", importScatterElements, 9);
  t.add("ScatterElements", importScatterElements, 11);
  t.add("ScatterND", importScatterND, 11);
  t.add("TopK", importTopK);
  t.add("NonZero", importNonZero, 9);
  t.add("Compress", importCompress, 9);
  t.add("ReverseSequence", importReverseSequence, 10);
}
