// Losses over classes: axis 1 of scores [N, C, ...] with labels [N, ...].

#include "lib/Import/ONNX/Node.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::importer;
using qnn::CompareKind;
using qnn::ReduceKind;
using qnn::UnaryKind;

static SmallVector<int64_t> allAxes(Emit &e, Value x) {
  SmallVector<int64_t> axes;
  for (int64_t axis : llvm::seq(e.rank(x)))
    axes.push_back(axis);
  return axes;
}

/// -weights[label] * logProbs[label], reduced as the node says. Labels equal to
/// ignore_index count nothing, not even in a mean.
static Value makeLoss(Node &n, Value logProbs, Value labels, Value weights) {
  Emit &e = n.e;
  if (!logProbs || !labels)
    return {};
  StringRef reduction = n.getString("reduction", "mean");
  if (e.rank(logProbs) != e.rank(labels) + 1 || e.rank(logProbs) < 2)
    return e.fail("scores need one axis more than labels");
  Value ignored;
  if (n.hasAttribute("ignore_index")) {
    Value index = e.scalarLike(double(n.getInt("ignore_index", 0)), labels);
    ignored = e.compare(CompareKind::eq, labels, index);
    labels = e.select(ignored, e.scalarLike(0, labels), labels);
  }
  Value at = e.unsqueeze(labels, {1});
  if (!at)
    return {};
  Value picked = e.make<qnn::GatherElementsOp>(logProbs, at, uint64_t(1));
  if (!picked)
    return {};
  e.setExtents(picked, e.extents(at));
  Value loss = e.unary(UnaryKind::neg, e.squeeze(picked, {1}));

  // What each label counts; null while it is 1.
  Value counts = weights ? e.gather(weights, labels, 0) : Value();
  if (ignored)
    counts = e.select(ignored, e.scalarLike(0, loss),
                      counts ? counts : e.scalarLike(1, loss));
  if (counts)
    loss = e.mul(loss, counts);
  if (!loss || reduction == "none")
    return loss;
  if (reduction != "sum" && reduction != "mean")
    return e.fail("reduction is '" + reduction + "', which is none of ONNX's");
  SmallVector<int64_t> axes = allAxes(e, loss);
  if (reduction == "mean" && !counts)
    return e.reduce(ReduceKind::mean, loss, axes, false);
  Value sum = e.reduce(ReduceKind::sum, loss, axes, false);
  return reduction == "sum"
             ? sum
             : e.div(sum, e.reduce(ReduceKind::sum, counts, axes, false));
}

static LogicalResult importNegativeLogLikelihood(Node &n) {
  Value x = n.in(0), labels = x ? n.in(1) : Value();
  if (!labels)
    return failure();
  Value weights = n.optional(2);
  return n.result(n.e.cast(
      makeLoss(n, n.e.widen(x), labels, weights ? n.e.widen(weights) : Value()),
      n.e.element(x)));
}

static LogicalResult importSoftmaxCrossEntropy(Node &n) {
  Value x = n.in(0), labels = x ? n.in(1) : Value();
  if (!labels)
    return failure();
  Value logProbs = n.e.logSoftmax(n.e.widen(x), {1});
  Value weights = n.optional(2);
  if (n.wants(1))
    n.set(1, n.e.cast(logProbs, n.e.element(x)));
  return n.result(n.e.cast(
      makeLoss(n, logProbs, labels, weights ? n.e.widen(weights) : Value()),
      n.e.element(x)));
}

void qcc::importer::addLosses(OperatorTable &t) {
  t.add("NegativeLogLikelihoodLoss", importNegativeLogLikelihood, 12);
  t.add("SoftmaxCrossEntropyLoss", importSoftmaxCrossEntropy, 12);
}
