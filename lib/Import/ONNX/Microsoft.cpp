// com.microsoft's operators on floats with packed weights, and its fused
// normalizations.

#include "lib/Import/ONNX/Normalizations.h"
#include "lib/Import/ONNX/Quantization.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::importer;
using qnn::UnaryKind;

//===----------------------------------------------------------------------===//
// MatMulNBits
//===----------------------------------------------------------------------===//

namespace {

/// Weights [N, K] in blocks of consecutive k: codes in rows of whole blocks,
/// low bits first, a scale for each block.
struct Blocks {
  int64_t n, k, bits, size;

  int64_t count() const { return llvm::divideCeil(k, size); }
  int64_t blockBytes() const { return llvm::divideCeil(size * bits, 8); }
  int64_t rowBytes() const { return llvm::divideCeil(k * bits, 8); }
};

} // namespace

static FailureOr<Blocks> getBlocks(Node &n) {
  Blocks b{n.getInt("N", 0), n.getInt("K", 0), n.getInt("bits", 4),
           n.getInt("block_size", 0)};
  constexpr int64_t limit = int64_t(1) << 31;
  if (b.n < 1 || b.k < 1 || b.size < 1 || b.n > limit || b.k > limit ||
      b.size > limit || (b.bits != 2 && b.bits != 4 && b.bits != 8) ||
      b.size * b.bits % 8 != 0)
    return n.error() << "has N " << b.n << ", K " << b.k << ", bits " << b.bits
                     << " and block_size " << b.size
                     << ", which are no packed weights";
  return b;
}

/// Input 1 as the component of codes; the file's bytes where the last block of
/// a row is a whole one.
static Value getCodes(Node &n, const Blocks &b) {
  const TensorView *view = n.tensor(1);
  if (!view) {
    (void)n.unsupported("its weights are not constant");
    return {};
  }
  int64_t fileRow = b.count() * b.blockBytes();
  if (view->element.bits != 8 || int64_t(view->data.size()) != b.n * fileRow) {
    n.error() << "has weights of " << view->type << ", but needs [" << b.n
              << ", " << b.count() << ", " << b.blockBytes() << "] bytes";
    return {};
  }
  TensorView packed = *view;
  packed.type = qnn::getPackedType(n.e.b.getContext(), {b.n, b.k}, b.bits);
  packed.element = {"INT8", packed.type.getElementType(), 8};
  if (fileRow != b.rowBytes()) {
    std::string bytes;
    for (int64_t row = 0; row < b.n; ++row)
      bytes.append(view->data.begin() + row * fileRow,
                   view->data.begin() + row * fileRow + b.rowBytes());
    packed.owner = copyBytes(bytes);
    packed.data = packed.owner->get();
  }
  return n.e.constant(makeAttribute(packed, "weights"));
}

/// Zero points [N, blocks] as ui8: packed in rows of bytes, or halfway if there
/// are none.
static Value getZeros(Node &n, const Blocks &b) {
  Emit &e = n.e;
  Type u8 = IntegerType::get(e.b.getContext(), 8, IntegerType::Unsigned);
  if (!n.has(3))
    return e.scalar(double(1 << (b.bits - 1)), u8);
  const TensorView *view = n.tensor(3);
  int64_t rowBytes = llvm::divideCeil(b.count() * b.bits, 8);
  if (!view || view->element.bits != 8 ||
      int64_t(view->data.size()) != b.n * rowBytes) {
    (void)n.unsupported("its zero points are no constant of [" + Twine(b.n) +
                        ", " + Twine(rowBytes) + "] bytes");
    return {};
  }
  std::string zeros;
  unsigned mask = (1u << b.bits) - 1;
  for (int64_t row = 0; row < b.n; ++row)
    for (int64_t i = 0; i < b.count(); ++i) {
      uint8_t byte = view->data[row * rowBytes + i * b.bits / 8];
      zeros.push_back(char(byte >> (i * b.bits % 8) & mask));
    }
  TensorView unpacked = *view;
  unpacked.type = RankedTensorType::get({b.n, b.count()}, u8);
  unpacked.element = {"UINT8", u8, 8};
  unpacked.owner = copyBytes(zeros);
  unpacked.data = unpacked.owner->get();
  return e.constant(makeAttribute(unpacked, "zeros"));
}

/// Whether weight k of a row belongs to block k / size, as it does where no
/// index says otherwise.
static LogicalResult checkGroups(Node &n, const Blocks &b) {
  if (!n.has(4))
    return success();
  const TensorView *view = n.tensor(4);
  if (view && view->element.bits == 32 &&
      view->data.size() == size_t(b.k) * 4) {
    auto getGroup = [&](int64_t k) {
      int32_t group;
      memcpy(&group, view->data.data() + k * 4, 4);
      return group;
    };
    if (llvm::all_of(llvm::seq(b.k),
                     [&](int64_t k) { return getGroup(k) == k / b.size; }))
      return success();
  }
  return n.unsupported("g_idx assigns weights to groups out of order");
}

/// A * W^T + bias. accuracy_level allows a lower accuracy, and asks for none.
static LogicalResult importMatMulNBits(Node &n) {
  Emit &e = n.e;
  Value a = n.in(0), scales = a ? n.in(2) : Value();
  FailureOr<Blocks> b = getBlocks(n);
  if (!scales || failed(b) || failed(checkGroups(n, *b)))
    return failure();
  if (n.getInt("weight_prepacked", 0))
    return n.unsupported("its weights are packed for one kernel; export the "
                         "model without weight_prepacked");
  Extents perBlock{e.math.constant(b->n), e.math.constant(b->count())};
  scales = e.reshape(scales, perBlock);
  // Zero points of floats need not be codes: they are subtracted as values.
  bool hasFloatZeros = n.has(3) && e.isFloat(n.in(3));
  Value zeros = hasFloatZeros ? Value() : getZeros(n, *b);
  Value codes = getCodes(n, *b);
  if (!scales || !codes || (!zeros && !hasFloatZeros))
    return failure();

  MLIRContext *context = e.b.getContext();
  auto type = RankedTensorType::get({b->n, b->k}, e.element(a));
  Type codeType = IntegerType::get(context, b->bits, IntegerType::Unsigned);
  Scaling scaling{scales, zeros, 1, b->size};
  Format format = makeFormat(e, type, e.element(a), codeType, scaling);
  if (!format.type)
    return failure();
  SmallVector<Value> components{codes};
  components.append(format.parameters);
  Value weights = qnn::WrapOp::create(e.b, e.loc, format.type, components);
  if (hasFloatZeros) {
    Value offsets = e.mul(e.reshape(n.in(3), perBlock), scales);
    Value wide = e.make<qnn::DecodeOp>(weights);
    weights = wide ? e.sub(wide, e.cast(spread(e, offsets, wide, scaling),
                                        e.element(a)))
                   : Value();
  }
  Value y = e.matmul(a, weights, /*transposeY=*/true);
  return n.result(n.has(5) ? e.add(y, n.in(5)) : y);
}

//===----------------------------------------------------------------------===//
// Normalizations of a sum
//===----------------------------------------------------------------------===//

/// Inputs x, skip, gamma, beta, bias; the simplified form has no beta and no
/// mean.
static LogicalResult importSkipNorm(Node &n, bool isSimplified) {
  Emit &e = n.e;
  Value x = n.in(0), skip = x ? n.in(1) : Value(),
        gamma = skip ? n.in(2) : Value();
  if (!gamma)
    return failure();
  int biasAt = isSimplified ? 3 : 4;
  Value sum = e.add(x, skip);
  if (n.has(biasAt))
    sum = e.add(sum, n.in(biasAt));
  if (!sum)
    return failure();
  if (n.wants(3))
    n.set(3, sum);
  // Not the 1e-5 of ONNX's own normalizations.
  double epsilon = n.getFloat("epsilon", 1e-12);
  int64_t axis = e.rank(sum) - 1;
  if (isSimplified)
    return n.result(makeRMSNorm(e, sum, gamma, axis, epsilon));
  LayerNorm norm = makeLayerNorm(e, sum, gamma, n.optional(3), axis, epsilon);
  if (n.wants(1))
    n.set(1, norm.mean);
  if (n.wants(2))
    n.set(2, e.unary(UnaryKind::reciprocal, norm.deviation));
  return n.result(norm.y);
}

static LogicalResult importSkipLayerNorm(Node &n) {
  return importSkipNorm(n, /*isSimplified=*/false);
}

static LogicalResult importSkipSimplifiedLayerNorm(Node &n) {
  return importSkipNorm(n, /*isSimplified=*/true);
}

void qcc::importer::addMicrosoft(OperatorTable &t) {
  t.addMicrosoft("MatMulNBits", importMatMulNBits);
  t.addMicrosoft("SkipLayerNormalization", importSkipLayerNorm);
  t.addMicrosoft("SkipSimplifiedLayerNormalization",
                 importSkipSimplifiedLayerNorm);
}
