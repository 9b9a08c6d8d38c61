// Stores constant weights in the format that the user names. See Passes.td.

#include "dialects/QNN/IR/Dialect.h"
#include "dialects/QNN/IR/FormatText.h"
#include "dialects/QNN/IR/Ops.h"
#include "lib/Compress/Quantize/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;

namespace qcc::compress {

#define GEN_PASS_DEF_QUANTIZEWEIGHTS
#include "lib/Compress/Quantize/Passes.h.inc"

/// Smaller constants are biases, norms and small windows: little to win.
constexpr int64_t kMinValues = 4096;

/// How a constant becomes the matrix [outputs, reduction].
enum class Form {
  Rows,    ///< It is the matrix.
  Columns, ///< It is the matrix transposed.
  Window,  ///< [K, C, window...] becomes [K, window... * C].
};

static SmallVector<OpFoldResult> getStatic(OpBuilder &builder,
                                           ArrayRef<int64_t> extents) {
  return getAsIndexOpFoldResult(builder.getContext(), extents);
}

/// From [K, C, window...] to [K, window..., C] and back.
static SmallVector<int64_t> getChannelsLast(int64_t rank) {
  SmallVector<int64_t> permutation = {0};
  llvm::append_range(permutation, llvm::seq<int64_t>(2, rank));
  permutation.push_back(1);
  return permutation;
}

static SmallVector<int64_t> getChannelsFirst(int64_t rank) {
  SmallVector<int64_t> permutation = {0, rank - 1};
  llvm::append_range(permutation, llvm::seq<int64_t>(1, rank - 1));
  return permutation;
}

static bool isWeights(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.getElementType().isF32() && type.hasStaticShape() &&
         type.getNumElements() >= kMinValues &&
         value.getDefiningOp<arith::ConstantOp>();
}

namespace {

class Quantizer {
public:
  explicit Quantizer(qnn::FormatAttr format) : format(format) {}

  void quantize(qnn::MatmulOp op) {
    // A batch of weights would be more than a matrix.
    Value weights = op.getRhs();
    if (!isWeights(weights) ||
        cast<ShapedType>(weights.getType()).getRank() != 2)
      return;
    Form form = op.getTransposeB() ? Form::Rows : Form::Columns;
    OpBuilder builder(op);
    op.getRhsMutable().assign(decode(builder, weights, form));
    op.setTransposeB(true);
  }

  void quantize(qnn::ConvOp op) {
    Value weights = op.getWeights();
    if (!isWeights(weights))
      return;
    OpBuilder builder(op);
    auto type = cast<RankedTensorType>(weights.getType());
    Value decoded = decode(builder, weights, Form::Window);
    SmallVector<int64_t> extents;
    for (int64_t axis : getChannelsLast(type.getRank()))
      extents.push_back(type.getDimSize(axis));
    decoded = qnn::ReshapeOp::create(builder, op.getLoc(), decoded,
                                     getStatic(builder, extents));
    decoded = qnn::TransposeOp::create(builder, op.getLoc(), decoded,
                                       getChannelsFirst(type.getRank()));
    op.getWeightsMutable().assign(decoded);
  }

  /// Rows are read before they are decoded.
  void quantize(qnn::GatherOp op) {
    Value table = op.getInput();
    if (!isWeights(table) || op.getAxis() != 0 ||
        cast<ShapedType>(table.getType()).getRank() != 2)
      return;
    OpBuilder builder(op);
    Location loc = op.getLoc();
    auto encoded =
        cast<TypedValue<qnn::FormattedType>>(encode(table, Form::Rows));
    auto unwrap = qnn::UnwrapOp::create(builder, loc, encoded);
    SmallVector<Value> rows;
    for (auto [component, value] : llvm::zip_equal(
             encoded.getType().getComponents(), unwrap.getComponents()))
      rows.push_back(gather(builder, op, component, value));
    Value wrapped =
        qnn::WrapOp::create(builder, loc, getRowsType(op, encoded), rows);
    auto decoded = qnn::DecodeOp::create(builder, loc, wrapped);
    op.replaceAllUsesWith(decoded.getResult());
    op.erase();
  }

  int64_t getNumEncoded() const { return encoded.size(); }

private:
  Value decode(OpBuilder &builder, Value weights, Form form) {
    return qnn::DecodeOp::create(builder, weights.getLoc(),
                                 encode(weights, form));
  }

  /// Beside the constant, so that all its users can read the result.
  Value encode(Value weights, Form form) {
    Value &result = encoded[{weights, form}];
    if (result)
      return result;
    OpBuilder builder(weights.getContext());
    builder.setInsertionPointAfterValue(weights);
    Value matrix = toMatrix(builder, weights, form);
    auto type = cast<RankedTensorType>(matrix.getType());
    result = qnn::EncodeAutoOp::create(builder, weights.getLoc(),
                                       qnn::FormattedType::get(type, format),
                                       matrix);
    return result;
  }

  static Value toMatrix(OpBuilder &builder, Value weights, Form form) {
    auto type = cast<RankedTensorType>(weights.getType());
    Location loc = weights.getLoc();
    if (form == Form::Rows)
      return weights;
    if (form == Form::Columns)
      return qnn::TransposeOp::create(builder, loc, weights,
                                      ArrayRef<int64_t>{1, 0});
    weights = qnn::TransposeOp::create(builder, loc, weights,
                                       getChannelsLast(type.getRank()));
    int64_t outputs = type.getDimSize(0);
    return qnn::ReshapeOp::create(
        builder, loc, weights,
        getStatic(builder, {outputs, type.getNumElements() / outputs}));
  }

  /// The rows of a component that `op` asks for.
  Value gather(OpBuilder &builder, qnn::GatherOp op,
               const qnn::Component &component, Value value) {
    int64_t rank = component.type.getRank();
    if (rank == 0) // the scale of the whole tensor
      return value;
    if (rank == 1) // scales of rows: [V, 1] is how blocks of one row have them
      value = qnn::ReshapeOp::create(
          builder, op.getLoc(), value,
          getStatic(builder, {component.type.getDimSize(0), 1}));
    return qnn::GatherOp::create(builder, op.getLoc(), value, op.getIndices(),
                                 /*axis=*/0);
  }

  /// What `op` reads of `table`: [indices..., D], a scale for each group of a
  /// row, or for each row, which now has several axes.
  static qnn::FormattedType getRowsType(qnn::GatherOp op, Value table) {
    auto type = cast<qnn::FormattedType>(table.getType());
    qnn::FormatAttr format = type.getFormat();
    qnn::Scaling scaling = format.getScaling();
    auto result = cast<RankedTensorType>(op.getType());
    if (!scaling.getScaleAxes(type.getRank()).empty()) {
      SmallVector<int64_t> block(result.getRank(), 1);
      block.back() = scaling.getBlock(type.getShape()).back();
      scaling = qnn::BlockScalingAttr::get(type.getContext(), block,
                                           scaling.getScaleType(),
                                           scaling.getZeroPoint());
    }
    return qnn::FormattedType::get(
        result, qnn::FormatAttr::get(format.getCodecName(), scaling,
                                     format.getLayout()));
  }

  qnn::FormatAttr format; ///< Of a matrix.
  llvm::DenseMap<std::pair<Value, Form>, Value> encoded;
};

struct QuantizeWeights : impl::QuantizeWeightsBase<QuantizeWeights> {
  using QuantizeWeightsBase::QuantizeWeightsBase;

  void runOnOperation() override {
    llvm::Expected<qnn::FormatAttr> parsed =
        qnn::parseWeightFormat(&getContext(), format);
    if (!parsed) {
      getOperation().emitError(llvm::toString(parsed.takeError()));
      return signalPassFailure();
    }
    Quantizer quantizer(*parsed);
    getOperation().walk([&](Operation *op) {
      if (auto matmul = dyn_cast<qnn::MatmulOp>(op))
        quantizer.quantize(matmul);
      else if (auto conv = dyn_cast<qnn::ConvOp>(op))
        quantizer.quantize(conv);
      else if (auto gather = dyn_cast<qnn::GatherOp>(op))
        quantizer.quantize(gather);
    });
    numWeights = quantizer.getNumEncoded();
    // Not the statistic: LLVM may be built without them.
    if (quantizer.getNumEncoded() == 0)
      getOperation().emitWarning()
          << "no weights are stored as " << format
          << ": no contraction or gather reads a constant of at least "
          << kMinValues << " f32 values";
  }
};

} // namespace
} // namespace qcc::compress
