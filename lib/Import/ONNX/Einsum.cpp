// Einstein summation: each operand is brought to [batch, free, contracted], and
// operands are multiplied one after the other as matrices.

#include "lib/Import/ONNX/Node.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::importer;
using qnn::ReduceKind;

namespace {

/// A letter, or -1, -2, ... for the axes of an ellipsis, innermost first.
using Label = int;
using Labels = SmallVector<Label>;

struct Operand {
  Value value;
  Labels labels;
};

class Einsum {
public:
  explicit Einsum(Node &n) : n(n), e(n.e) {}
  LogicalResult run();

private:
  FailureOr<Labels> parse(StringRef term, int64_t rank);
  LogicalResult parseEquation(StringRef equation);
  void takeDiagonals(Operand &operand);
  void unifyExtents();
  void sumOut(Operand &operand, ArrayRef<Label> needed);
  Operand arrange(Operand operand, ArrayRef<Label> labels);
  Operand multiply(Operand x, Operand y, ArrayRef<Label> needed);
  Extents getExtents(ArrayRef<Label> labels) {
    Extents result;
    for (Label label : labels)
      result.push_back(extents[label]);
    return result;
  }

  Node &n;
  Emit &e;
  SmallVector<Operand> operands;
  Labels output;
  int64_t ellipsisRank = 0;
  llvm::MapVector<Label, OpFoldResult> extents;
};

FailureOr<Labels> Einsum::parse(StringRef term, int64_t rank) {
  Labels labels;
  int64_t letters = llvm::count_if(term, [](char c) { return isalpha(c); });
  for (size_t i = 0; i < term.size(); ++i) {
    if (term[i] == '.') {
      if (!term.substr(i).starts_with("..."))
        return n.error() << "'" << term << "' is no list of indices";
      int64_t count = rank < 0 ? ellipsisRank : rank - letters;
      ellipsisRank = std::max(ellipsisRank, count);
      for (int64_t axis = count; axis > 0; --axis)
        labels.push_back(-axis);
      i += 2;
    } else if (isalpha(term[i])) {
      labels.push_back(term[i]);
    } else if (term[i] != ' ') {
      return n.error() << "'" << term << "' is no list of indices";
    }
  }
  if (rank >= 0 && int64_t(labels.size()) != rank)
    return n.error() << "'" << term
                     << "' does not name the axes of a tensor of "
                     << "rank " << rank;
  return labels;
}

LogicalResult Einsum::parseEquation(StringRef equation) {
  auto [inputs, result] = equation.split("->");
  SmallVector<StringRef> terms;
  inputs.split(terms, ',');
  if (int(terms.size()) != n.numInputs())
    return n.error() << "'" << equation << "' has " << terms.size()
                     << " operands, the node " << n.numInputs();
  llvm::MapVector<Label, int> uses;
  for (auto [i, term] : llvm::enumerate(terms)) {
    Value v = n.in(i);
    if (!v)
      return failure();
    FailureOr<Labels> labels = parse(term, e.rank(v));
    if (failed(labels))
      return failure();
    for (Label label : *labels)
      ++uses[label];
    operands.push_back({v, *labels});
  }
  if (equation.contains("->")) {
    FailureOr<Labels> labels = parse(result, -1);
    if (failed(labels))
      return failure();
    output = *labels;
    for (Label label : output)
      if (!uses.count(label))
        return n.error() << "'" << equation
                         << "' gives an index that no operand "
                         << "has";
    return success();
  }
  // Without an arrow: the ellipsis, then indices that occur once, sorted.
  for (int64_t axis = ellipsisRank; axis > 0; --axis)
    output.push_back(-axis);
  Labels once;
  for (auto [label, count] : uses)
    if (label > 0 && count == 1)
      once.push_back(label);
  llvm::sort(once);
  output.append(once);
  return success();
}

/// An index that an operand has twice selects a diagonal: elsewhere zeros are
/// added up.
void Einsum::takeDiagonals(Operand &operand) {
  for (size_t i = 0; i < operand.labels.size(); ++i)
    for (size_t j = operand.labels.size(); --j > i;) {
      if (operand.labels[i] != operand.labels[j])
        continue;
      Extents all = e.extents(operand.value);
      Extents plane(all.size(), e.math.constant(1));
      plane[i] = all[i];
      plane[j] = all[j];
      Type i64 = e.b.getI64Type();
      Value mask = e.compare(qnn::CompareKind::eq, e.iota(plane, i, i64),
                             e.iota(plane, j, i64));
      Value diagonal =
          e.select(mask, operand.value, e.scalarLike(0, operand.value));
      operand.value = e.reduce(ReduceKind::sum, diagonal, {int64_t(j)}, false);
      operand.labels.erase(operand.labels.begin() + j);
    }
}

/// Axes of one index have one extent, but those of an ellipsis may be 1.
void Einsum::unifyExtents() {
  auto &math = e.math;
  for (Operand &operand : operands)
    for (auto [axis, label] : llvm::enumerate(operand.labels)) {
      OpFoldResult own = e.extent(operand.value, axis);
      auto [known, isNew] = extents.insert({label, own});
      if (isNew || math.isSame(known->second, own) || math.isConstant(own, 1))
        continue;
      if (math.isConstant(known->second, 1) || getConstantIntValue(own))
        known->second = own;
    }
  for (Operand &operand : operands) {
    Extents target = getExtents(operand.labels);
    bool isSame = true;
    for (auto [own, wanted] : llvm::zip_equal(e.extents(operand.value), target))
      isSame &= math.isSame(own, wanted);
    if (!isSame)
      operand.value = e.expand(operand.value, target);
  }
}

void Einsum::sumOut(Operand &operand, ArrayRef<Label> needed) {
  SmallVector<int64_t> axes;
  Labels kept;
  for (auto [axis, label] : llvm::enumerate(operand.labels))
    if (llvm::is_contained(needed, label))
      kept.push_back(label);
    else
      axes.push_back(axis);
  if (axes.empty())
    return;
  operand.value = e.reduce(ReduceKind::sum, operand.value, axes, false);
  operand.labels = kept;
}

Operand Einsum::arrange(Operand operand, ArrayRef<Label> labels) {
  SmallVector<int64_t> order;
  for (Label label : labels)
    order.push_back(llvm::find(operand.labels, label) - operand.labels.begin());
  return {e.transpose(operand.value, order), Labels(labels)};
}

Operand Einsum::multiply(Operand x, Operand y, ArrayRef<Label> needed) {
  Labels batch, left, right, contracted;
  for (Label label : x.labels)
    if (!llvm::is_contained(y.labels, label))
      left.push_back(label);
    else if (llvm::is_contained(needed, label))
      batch.push_back(label);
    else
      contracted.push_back(label);
  for (Label label : y.labels)
    if (!llvm::is_contained(x.labels, label))
      right.push_back(label);
  auto join = [](std::initializer_list<ArrayRef<Label>> parts) {
    Labels all;
    for (ArrayRef<Label> part : parts)
      all.append(part.begin(), part.end());
    return all;
  };
  auto asMatrices = [&](Operand &operand, ArrayRef<Label> rows,
                        ArrayRef<Label> columns) {
    operand = arrange(operand, join({batch, rows, columns}));
    Extents target = getExtents(batch);
    target.push_back(e.math.product(getExtents(rows)));
    target.push_back(e.math.product(getExtents(columns)));
    return operand.value ? e.reshape(operand.value, target) : Value();
  };
  Value product = e.matmul(asMatrices(x, left, contracted),
                           asMatrices(y, contracted, right));
  Labels labels = join({batch, left, right});
  return {e.reshape(product, getExtents(labels)), labels};
}

LogicalResult Einsum::run() {
  if (failed(parseEquation(n.getString("equation", ""))))
    return failure();
  for (Operand &operand : operands) {
    takeDiagonals(operand);
    if (!operand.value)
      return failure();
  }
  unifyExtents();
  Operand result = operands.front();
  for (size_t i = 0; i < operands.size(); ++i) {
    Labels needed = output;
    for (size_t later = i + 1; later < operands.size(); ++later)
      needed.append(operands[later].labels);
    if (i > 0) {
      Labels here = needed;
      here.append(result.labels);
      sumOut(operands[i], here);
      if (!result.value || !operands[i].value)
        return failure();
      result = multiply(result, operands[i], needed);
    }
    if (!result.value)
      return failure();
    sumOut(result, needed);
    if (!result.value)
      return failure();
  }
  return n.result(arrange(result, output).value);
}

} // namespace

static LogicalResult importEinsum(Node &n) { return Einsum(n).run(); }

void qcc::importer::addEinsum(OperatorTable &t) {
  t.add("Einsum", importEinsum, 12);
}
