// Attention and rotary embeddings, made of products and softmaxes.

#include "lib/Import/ONNX/Node.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace qcc;
using namespace qcc::importer;
using qnn::BinaryKind;
using qnn::CompareKind;
using qnn::ReduceKind;
using qnn::UnaryKind;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// ONNX's Attention on [B, heads, S, D].
class Attention {
public:
  explicit Attention(Node &n) : n(n), e(n.e), math(n.e.math) {}
  LogicalResult run();

private:
  Value splitHeads(Value x, int64_t heads);
  LogicalResult readOperands();
  LogicalResult readMask();
  void mask(Value allowed);
  OpFoldResult getPast();
  Value getOffsets();
  void maskFuture();
  void maskWindow();
  void maskPadding();
  Value repeatHeads(Value x);
  Value computeScores();
  Value computeProbabilities(Value scores);

  Node &n;
  Emit &e;
  analysis::IndexMath &math;
  Value q, k, v;
  /// What is added to scores; null where nothing is.
  Value bias;
  Type element;
  int64_t inputRank = 0;
};

/// [B, S, heads * D] to [B, heads, S, D].
Value Attention::splitHeads(Value x, int64_t heads) {
  if (!x || e.rank(x) == 4)
    return x;
  Extents own = e.extents(x);
  OpFoldResult count = math.constant(heads);
  Value apart = e.reshape(x, {own[0], own[1], count, math.div(own[2], count)});
  return e.transpose(apart, {0, 2, 1, 3});
}

LogicalResult Attention::readOperands() {
  for (int i : {0, 1, 2})
    if (!n.in(i))
      return failure();
  if (n.has(6) && !n.vector(6))
    return failure();
  inputRank = e.rank(n.in(0));
  element = e.element(n.in(0));
  int64_t qHeads = n.getInt("q_num_heads", 0),
          kvHeads = n.getInt("kv_num_heads", 0);
  for (int i : {0, 1, 2})
    if (e.rank(n.in(i)) != inputRank)
      return n.error() << "has operands of different ranks";
  if (inputRank != 3 && inputRank != 4)
    return n.error() << "needs operands of rank 3 or 4, got rank " << inputRank;
  if (inputRank == 3 && (qHeads < 1 || kvHeads < 1))
    return n.error() << "needs q_num_heads and kv_num_heads for operands of "
                     << "rank 3";
  q = splitHeads(n.in(0), qHeads);
  k = splitHeads(n.in(1), kvHeads);
  v = splitHeads(n.in(2), kvHeads);
  if (n.has(4) != n.has(5))
    return n.error() << "has a past key without a past value or the reverse";
  if (n.has(4)) {
    if (!n.in(4) || !n.in(5) || e.rank(n.in(4)) != 4 || e.rank(n.in(5)) != 4)
      return n.error() << "needs past keys and values of rank 4";
    k = e.concat({n.in(4), k}, 2);
    v = e.concat({n.in(5), v}, 2);
  }
  return success(q && k && v);
}

/// Adds -inf where a bool is not set.
void Attention::mask(Value allowed) {
  Type type = e.b.getF32Type();
  Value added = e.select(allowed, e.scalar(0, type), e.scalar(-infinity, type));
  bias = bias ? e.add(bias, added) : added;
}

LogicalResult Attention::readMask() {
  if (!n.has(3))
    return success();
  Value given = n.in(3);
  if (!given)
    return failure();
  if (e.rank(given) == 0)
    return n.error() << "has a scalar as its mask";
  bool isBool = e.element(given).isInteger(1);
  // A mask may be shorter than the keys; what it lacks is masked.
  OpFoldResult total = e.extent(k, 2), own = e.extent(given, e.rank(given) - 1);
  if (!isBool)
    given = e.cast(given, e.b.getF32Type());
  if (!math.isSame(total, own) && !math.isConstant(own, 1)) {
    Extents low(e.rank(given), math.constant(0)), high = low;
    high.back() = math.max(math.sub(total, own), math.constant(0));
    Value filler = e.scalarLike(isBool ? 0 : -infinity, given);
    given = e.pad(qnn::PadMode::constant, given, low, high, filler);
  }
  if (isBool)
    mask(given);
  else
    bias = given;
  return success(bias != nullptr);
}

/// The number of keys before those of this call.
OpFoldResult Attention::getPast() {
  return n.has(4) ? e.extent(n.in(4), 2) : OpFoldResult(math.constant(0));
}

/// The position of the first query among the keys: a scalar, or [B, 1, 1, 1]
/// where the cache is the caller's.
Value Attention::getOffsets() {
  Type i64 = e.b.getI64Type();
  if (n.has(4) || !n.has(6))
    return e.reshape(e.fromExtents({getPast()}), {});
  Value lengths = e.unsqueeze(e.cast(n.in(6), i64), {1, 2, 3});
  return e.sub(lengths, e.reshape(e.fromExtents({e.extent(q, 2)}), {}));
}

void Attention::maskFuture() {
  Extents plane{e.extent(q, 2), e.extent(k, 2)};
  Type i64 = e.b.getI64Type();
  Value row = e.add(e.iota(plane, 0, i64), getOffsets());
  mask(e.compare(CompareKind::le, e.iota(plane, 1, i64), row));
}

/// Keys at most so far before and behind a query.
void Attention::maskWindow() {
  int64_t left = n.getInt("left_window_size", -1),
          right = n.getInt("right_window_size", -1);
  if (left < 0 && right < 0)
    return;
  Extents plane{e.extent(q, 2), e.extent(k, 2)};
  Type i64 = e.b.getI64Type();
  Value distance =
      e.sub(e.add(e.iota(plane, 0, i64), getOffsets()), e.iota(plane, 1, i64));
  if (left >= 0)
    mask(e.compare(CompareKind::le, distance, e.scalar(double(left), i64)));
  if (right >= 0)
    mask(e.compare(CompareKind::ge, distance, e.scalar(double(-right), i64)));
}

/// Keys behind the length of their batch.
void Attention::maskPadding() {
  if (!n.has(6))
    return;
  Type i64 = e.b.getI64Type();
  Value lengths = e.unsqueeze(e.cast(n.in(6), i64), {1, 2, 3});
  mask(e.compare(CompareKind::lt, e.iota({e.extent(k, 2)}, 0, i64), lengths));
}

/// Each head of keys serves as many heads of queries.
Value Attention::repeatHeads(Value x) {
  OpFoldResult heads = e.extent(q, 1), own = e.extent(x, 1);
  if (math.isSame(heads, own))
    return x;
  auto most = getConstantIntValue(heads), each = getConstantIntValue(own);
  if (!most || !each || *each == 0 || *most % *each != 0)
    return e.fail("the heads of queries are no multiple of "
                  "those of keys");
  Extents shape = e.extents(x);
  OpFoldResult copies = math.constant(*most / *each);
  Value apart = e.expand(e.unsqueeze(x, {2}),
                         {shape[0], own, copies, shape[2], shape[3]});
  return e.reshape(apart, {shape[0], heads, shape[2], shape[3]});
}

Value Attention::computeScores() {
  Value queries = e.widen(q), keys = e.widen(repeatHeads(k));
  if (!queries || !keys)
    return {};
  if (n.hasAttribute("scale")) {
    queries = e.mul(queries, n.getFloat("scale", 1));
  } else if (auto width = getConstantIntValue(e.extent(q, 3))) {
    queries = e.mul(queries, 1 / std::sqrt(double(*width)));
  } else {
    Value extent = e.reshape(e.fromExtents({e.extent(q, 3)}), {});
    queries = e.div(
        queries, e.unary(UnaryKind::sqrt, e.cast(extent, e.element(queries))));
  }
  return e.matmul(queries, keys, /*transposeY=*/true);
}

/// A query without any key that it may see attends to nothing.
Value Attention::computeProbabilities(Value scores) {
  if (!bias)
    return e.softmax(scores, {e.rank(scores) - 1});
  Value most = e.reduce(ReduceKind::max, bias, {e.rank(bias) - 1}, true);
  if (!most || !scores)
    return {};
  Value isBlind =
      e.compare(CompareKind::eq, most, e.scalarLike(-infinity, most));
  Value zero = e.scalarLike(0, scores);
  Value logits = e.select(isBlind, zero, scores);
  Value probabilities = e.softmax(logits, {e.rank(logits) - 1});
  return e.select(isBlind, zero, probabilities);
}

LogicalResult Attention::run() {
  if (failed(readOperands()) || failed(readMask()))
    return failure();
  if (n.getInt("is_causal", 0))
    maskFuture();
  maskWindow();
  maskPadding();
  if (n.wants(1))
    n.set(1, k);
  if (n.wants(2))
    n.set(2, v);

  int64_t mode = n.getInt("qk_matmul_output_mode", 0);
  Value scores = computeScores();
  Value shown = scores;
  double cap = n.getFloat("softcap", 0);
  if (cap > 0) {
    scores = e.mul(e.unary(UnaryKind::tanh, e.div(scores, cap)), cap);
    // ONNX's reference shows scores after the cap in each of its modes.
    shown = scores;
  }
  if (bias)
    bias = e.cast(bias, scores ? e.element(scores) : element);
  Value biased = bias ? e.add(scores, bias) : scores;
  if (mode == 2)
    shown = biased;
  Value probabilities = computeProbabilities(biased);
  if (mode == 3)
    shown = probabilities;
  if (n.wants(3))
    n.set(3, e.cast(shown, element));
  Value values = repeatHeads(v);
  if (!values || !probabilities)
    return failure();
  Value y = e.cast(e.matmul(probabilities,
                            e.cast(e.widen(values), e.element(probabilities))),
                   element);
  if (!y || inputRank == 4)
    return n.result(y);
  Extents own = e.extents(y);
  return n.result(e.reshape(e.transpose(y, {0, 2, 1, 3}),
                            {own[0], own[2], math.mul(own[1], own[3])}));
}

} // namespace

static LogicalResult importAttention(Node &n) { return Attention(n).run(); }

//===----------------------------------------------------------------------===//
// Rotary embedding
//===----------------------------------------------------------------------===//

/// Every `stride`-th element of the innermost axis from `offset` on.
static Value takeInner(Emit &e, Value x, int64_t offset, OpFoldResult size,
                       int64_t stride) {
  if (!x)
    return {};
  Extents offsets(e.rank(x), e.math.constant(0)), sizes = e.extents(x);
  SmallVector<int64_t> strides(e.rank(x), 1);
  offsets.back() = e.math.constant(offset);
  sizes.back() = size;
  strides.back() = stride;
  return e.slice(x, offsets, sizes, strides);
}

/// `x` is [B, S, heads, D], the caches [B, S, 1, width / 2] or broadcast to it.
static Value rotate(Emit &e, Value x, Value cosines, Value sines, int64_t width,
                    bool isInterleaved) {
  if (!x)
    return {};
  auto &math = e.math;
  OpFoldResult half = math.constant(width / 2);
  int64_t inner = e.rank(x) - 1;
  Value part = e.slice(x, inner, math.constant(0), math.constant(width));
  Value first = isInterleaved ? takeInner(e, part, 0, half, 2)
                              : takeInner(e, part, 0, half, 1);
  Value second = isInterleaved ? takeInner(e, part, 1, half, 2)
                               : takeInner(e, part, width / 2, half, 1);
  Value real = e.sub(e.mul(cosines, first), e.mul(sines, second));
  Value imaginary = e.add(e.mul(sines, first), e.mul(cosines, second));
  if (!real || !imaginary)
    return {};
  Value turned;
  if (isInterleaved) {
    Extents shape = e.extents(part);
    turned = e.reshape(e.concat({e.unsqueeze(real, {inner + 1}),
                                 e.unsqueeze(imaginary, {inner + 1})},
                                inner + 1),
                       shape);
  } else {
    turned = e.concat({real, imaginary}, inner);
  }
  OpFoldResult rest = math.sub(e.extent(x, inner), math.constant(width));
  if (math.isConstant(rest, 0))
    return turned;
  return e.concat({turned, e.slice(x, inner, math.constant(width), rest)},
                  inner);
}

static LogicalResult importRotaryEmbedding(Node &n) {
  Emit &e = n.e;
  Value x = n.in(0), cosines = x ? n.in(1) : Value(),
        sines = cosines ? n.in(2) : Value();
  if (!sines)
    return failure();
  if (e.rank(x) != 3 && e.rank(x) != 4)
    return n.error() << "needs an input of rank 3 or 4, got " << e.type(x);
  Extents own = e.extents(x);
  Type element = e.element(x);
  bool isFlat = e.rank(x) == 3;
  int64_t heads = n.getInt("num_heads", 0);
  if (isFlat && heads < 1)
    return n.error() << "needs num_heads for an input of rank 3";
  if (isFlat) {
    OpFoldResult count = e.math.constant(heads);
    x = e.reshape(x, {own[0], own[1], count, e.math.div(own[2], count)});
  } else {
    x = e.transpose(x, {0, 2, 1, 3});
  }
  if (!x)
    return failure();
  auto size = getConstantIntValue(e.extent(x, 3));
  int64_t width = n.getInt("rotary_embedding_dim", 0);
  if (width == 0 && !size)
    return n.unsupported("the width of its heads is dynamic");
  if (width == 0)
    width = *size;
  if (width % 2 != 0 || (size && width > *size))
    return n.error() << "turns " << width << " elements of a head";
  // Chosen by position, or given for each.
  int64_t cacheRank = n.has(3) ? 2 : 3;
  if (e.rank(cosines) != cacheRank || e.rank(sines) != cacheRank)
    return n.error() << "needs caches of rank " << cacheRank << ", got "
                     << e.type(cosines) << " and " << e.type(sines);
  if (n.has(3)) {
    cosines = e.gather(cosines, n.in(3), 0);
    sines = e.gather(sines, n.in(3), 0);
  }
  // [B, S, width / 2] beside an axis of heads.
  cosines =
      e.widen(cosines ? e.unsqueeze(cosines, {e.rank(cosines) - 1}) : Value());
  sines = e.widen(sines ? e.unsqueeze(sines, {e.rank(sines) - 1}) : Value());
  Value y = e.cast(rotate(e, e.widen(x), cosines, sines, width,
                          n.getInt("interleaved", 0) != 0),
                   element);
  return n.result(isFlat ? e.reshape(y, own) : e.transpose(y, {0, 2, 1, 3}));
}

void qcc::importer::addAttention(OperatorTable &t) {
  t.add("Attention", importAttention, 23);
  t.add("RotaryEmbedding", importRotaryEmbedding, 23);
}
