// Puts transposes below the ops that quantize. See Layout.h.
//
// A formatted value has no transpose of its own: what is transposed are its
// codes, between an unwrap and a wrap.

#include "dialects/QNN/Transforms/Layout.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;

namespace qcc::qnn {

/// `type` with its axes permuted; null where more than the codes would have to
/// be transposed.
static FormattedType permuteCodes(FormattedType type,
                                  ArrayRef<int64_t> permutation) {
  return type.getFormat().isPermutedByCodes(type.getRank())
             ? type.permute(permutation)
             : FormattedType();
}

/// The type of a formatted value before a transpose that gives `type`; null
/// where more than the codes would have to be transposed.
static FormattedType getFormattedBefore(FormattedType type,
                                        ArrayRef<int64_t> permutation) {
  return permuteCodes(type, invertPermutationVector(permutation));
}

/// The codes among components of such a value.
static Value &getCodes(FormattedType type, MutableArrayRef<Value> components) {
  return components[*type.find(Component::Codes)];
}

SmallVector<Value> getComponents(OpBuilder &builder, Location loc,
                                 Value value) {
  if (auto wrap = value.getDefiningOp<WrapOp>())
    return SmallVector<Value>(wrap.getComponents());
  auto unwrap = UnwrapOp::create(builder, loc, value);
  return SmallVector<Value>(unwrap.getComponents());
}

Value transposeAnyFormat(OpBuilder &builder, Location loc, Value value,
                         ArrayRef<int64_t> permutation) {
  auto type = dyn_cast<FormattedType>(value.getType());
  if (!type)
    return TransposeOp::create(builder, loc, value, permutation);
  FormattedType after = permuteCodes(type, permutation);
  if (!after)
    return {};
  SmallVector<Value> components = getComponents(builder, loc, value);
  Value &codes = getCodes(type, components);
  codes = TransposeOp::create(builder, loc, codes, permutation);
  return WrapOp::create(builder, loc, after, components);
}

namespace {

/// The codes of encode(T(x)) are T of those of encode(x).
struct SinkThroughUnwrap : OpRewritePattern<UnwrapOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(UnwrapOp op,
                                PatternRewriter &rewriter) const override {
    Operation *source = op.getSource().getDefiningOp();
    if (!isa_and_present<EncodeOp, EncodeAutoOp, RequantizeOp>(source))
      return rewriter.notifyMatchFailure(op, "is of nothing that encodes");
    ArrayRef<int64_t> permutation = getLayoutPermutation(source->getOperand(0));
    if (permutation.empty())
      return rewriter.notifyMatchFailure(op, "reads no layout transpose");
    FormattedType type =
        getFormattedBefore(op.getSource().getType(), permutation);
    if (!type)
      return rewriter.notifyMatchFailure(op, "transposes more than codes");
    SmallVector<Value> operands(source->getOperands());
    operands[0] = operands[0].getDefiningOp<TransposeOp>().getInput();
    OperationState state(source->getLoc(), source->getName().getStringRef(),
                         operands, type, source->getAttrs());
    if (auto requantize = dyn_cast<RequantizeOp>(source))
      state.attributes.set(
          requantize.getAxisAttrName(),
          rewriter.getI64IntegerAttr(permutation[requantize.getAxis()]));
    Value encoded = rewriter.create(state)->getResult(0);
    auto unwrapped = UnwrapOp::create(rewriter, op.getLoc(), encoded);
    SmallVector<Value> components(unwrapped.getComponents());
    Value &codes = getCodes(type, components);
    codes = TransposeOp::create(rewriter, op.getLoc(), codes, permutation);
    rewriter.replaceOp(op, components);
    return success();
  }
};

/// decode(wrap(T(codes))) is T(decode(wrap(codes))).
struct SinkThroughDecode : OpRewritePattern<DecodeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(DecodeOp op,
                                PatternRewriter &rewriter) const override {
    auto wrap = op.getSource().getDefiningOp<WrapOp>();
    if (!wrap)
      return rewriter.notifyMatchFailure(op, "is of no wrap");
    SmallVector<Value> components(wrap.getComponents());
    Value &codes = getCodes(wrap.getType(), components);
    ArrayRef<int64_t> permutation = getLayoutPermutation(codes);
    if (permutation.empty())
      return rewriter.notifyMatchFailure(op, "reads no layout transpose");
    FormattedType type =
        getFormattedBefore(op.getSource().getType(), permutation);
    if (!type)
      return rewriter.notifyMatchFailure(op, "transposes more than codes");
    codes = codes.getDefiningOp<TransposeOp>().getInput();
    Value wrapped = WrapOp::create(rewriter, wrap.getLoc(), type, components);
    Value decoded = DecodeOp::create(rewriter, op.getLoc(), wrapped);
    rewriter.replaceOpWithNewOp<TransposeOp>(op, decoded, permutation);
    return success();
  }
};

} // namespace

void populateSinkThroughFormatPatterns(RewritePatternSet &patterns) {
  patterns.add<SinkThroughUnwrap, SinkThroughDecode>(patterns.getContext());
}

} // namespace qcc::qnn
