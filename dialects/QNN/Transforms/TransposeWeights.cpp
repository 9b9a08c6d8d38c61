// Stores weights in the order in which kernels sum. See Passes.td.

#include "dialects/QNN/IR/Ops.h"
#include "dialects/QNN/Transforms/ConstantData.h"
#include "dialects/QNN/Transforms/Passes.h"
#include "lib/Formats/Codec.h"
#include "lib/Formats/Packing.h"
#include "qcc/Executor/Constants.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;

namespace qcc::qnn {

#define GEN_PASS_DEF_TRANSPOSEWEIGHTS
#include "dialects/QNN/Transforms/Passes.h.inc"

/// Null where the type may stay as it is or has no transpose.
static FormattedType getTransposedType(FormattedType type) {
  FormatAttr format = type.getFormat();
  bool isTransposedLater = format.isPermutedByCodes(type.getRank());
  if (isTransposedLater || type.getRank() != 2 || !type.hasStaticShape() ||
      format.getCodec().getBits() > 8 || !format.getLayout().isDense())
    return {};
  // The code that moves elements takes at most 32 bits each.
  Type scaleType = format.getScaling().getScaleType();
  if (scaleType && scaleType.getIntOrFloatBitWidth() > 32)
    return {};
  return type.permute({1, 0});
}

/// A matrix whose elements take `bits` bits each, side by side in its rows.
static std::vector<char> transposeBits(ArrayRef<char> from, int64_t rows,
                                       int64_t columns, unsigned bits) {
  int64_t fromBytes = formats::getRowBytes(columns, bits);
  int64_t toBytes = formats::getRowBytes(rows, bits);
  std::vector<char> to(columns * toBytes);
  auto *source = reinterpret_cast<const uint8_t *>(from.data());
  auto *target = reinterpret_cast<uint8_t *>(to.data());
  // Some rows at a time, so that what is read and written stays in a cache.
  constexpr int64_t tile = 64;
  for (int64_t first = 0; first < rows; first += tile)
    for (int64_t column = 0; column < columns; ++column)
      for (int64_t row = first; row < std::min(first + tile, rows); ++row)
        formats::writeCode(
            target + column * toBytes, row, bits,
            formats::readCode(source + row * fromBytes, column, bits));
  return to;
}

namespace {

struct TransposeWeights : impl::TransposeWeightsBase<TransposeWeights> {
  void runOnOperation() override {
    SmallVector<MatmulOp> matmuls;
    getOperation().walk([&](MatmulOp op) {
      if (!op.getTransposeB())
        matmuls.push_back(op);
    });
    for (MatmulOp op : matmuls)
      transpose(op);
  }

private:
  void transpose(MatmulOp op);
  Value makeTransposed(WrapOp wrap, FormattedType type);
  Value transposeComponent(OpBuilder &builder, Location loc, Value component,
                           RankedTensorType type, unsigned bits);
  static void eraseUnread(Operation *op);

  llvm::DenseMap<Operation *, Value> transposed; ///< By wrap.
};

void TransposeWeights::transpose(MatmulOp op) {
  auto decode = op.getRhs().getDefiningOp<DecodeOp>();
  Value source = decode ? decode.getSource() : op.getRhs();
  auto wrap = source.getDefiningOp<WrapOp>();
  if (!wrap || !llvm::all_of(wrap.getComponents(), [](Value component) {
        return matchPattern(component, m_Constant());
      }))
    return;
  FormattedType type = getTransposedType(wrap.getType());
  if (!type)
    return;
  Value &result = transposed[wrap];
  if (!result) {
    result = makeTransposed(wrap, type);
    ++numTransposed;
  }
  Value weights = result;
  if (decode) {
    OpBuilder builder(op);
    weights = DecodeOp::create(builder, decode.getLoc(), result);
  }
  op.getRhsMutable().assign(weights);
  op.setTransposeB(true);
  if (decode && decode->use_empty())
    decode->erase();
  if (wrap->use_empty()) {
    transposed.erase(wrap);
    eraseUnread(wrap);
  }
}

/// Codes, scales and zero points.
Value TransposeWeights::makeTransposed(WrapOp wrap, FormattedType type) {
  OpBuilder builder(wrap);
  SmallVector<Value> components;
  for (auto [value, component] :
       llvm::zip_equal(wrap.getComponents(), type.getComponents())) {
    bool areCodes = component.kind == Component::Codes;
    unsigned bits = areCodes ? type.getFormat().getCodec().getBits()
                             : component.type.getElementTypeBitWidth();
    // One for the tensor, or one for each index of an axis: the order stays.
    bool isMatrix = component.type.getRank() == 2;
    components.push_back(isMatrix
                             ? transposeComponent(builder, wrap.getLoc(), value,
                                                  component.type, bits)
                             : value);
  }
  return WrapOp::create(builder, wrap.getLoc(), type, components);
}

Value TransposeWeights::transposeComponent(OpBuilder &builder, Location loc,
                                           Value component,
                                           RankedTensorType type,
                                           unsigned bits) {
  ElementsAttr elements;
  matchPattern(component, m_Constant(&elements));
  SmallVector<char, 0> storage;
  ArrayRef<char> raw = getConstantBytes(elements, storage);
  auto from = cast<ShapedType>(component.getType());
  // In codes, of which a row's bytes may hold more than there are.
  int64_t rows = from.getDimSize(0), columns = type.getDimSize(0);
  std::vector<char> bytes = transposeBits(raw, rows, columns, bits);
  TypedAttr attribute;
  if (static_cast<int64_t>(bytes.size()) <= maxInlineBytes)
    attribute = DenseElementsAttr::getFromRawBuffer(type, bytes);
  else
    attribute = DenseResourceElementsAttr::get(
        type, foldedKey,
        HeapAsmResourceBlob::allocateAndCopyWithAlign(bytes, /*align=*/64));
  return arith::ConstantOp::create(builder, loc, attribute);
}

/// The old components are as large as the new ones.
void TransposeWeights::eraseUnread(Operation *wrap) {
  llvm::SetVector<Operation *> sources;
  for (Value component : wrap->getOperands())
    sources.insert(component.getDefiningOp());
  wrap->erase();
  for (Operation *source : sources)
    if (source->use_empty())
      source->erase();
}

} // namespace
} // namespace qcc::qnn
