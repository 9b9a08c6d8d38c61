// Between components, formatted values and plain values.

#include "dialects/QNN/IR/OpHelpers.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace qcc::qnn;

LogicalResult qcc::qnn::verifyComponents(Operation *op, TypeRange types,
                                         ArrayRef<Component> expected) {
  if (types.size() != expected.size()) {
    auto names = llvm::map_range(expected, [](const Component &component) {
      return component.getName();
    });
    InFlightDiagnostic diag = op->emitOpError("expects ") << expected.size();
    diag << " component(s)" << (expected.empty() ? "" : ", ")
         << llvm::join(names, ", ") << ", got " << types.size();
    return diag;
  }
  for (auto [type, component] : llvm::zip_equal(types, expected))
    if (type != component.type)
      return op->emitOpError("expects ") << component.getName() << " of type "
                                         << component.type << ", got " << type;
  return success();
}

LogicalResult WrapOp::verify() {
  return verifyComponents(*this, getOperandTypes(), // C1
                          getType().getComponents());
}

/// wrap(unwrap(x)) is x.
OpFoldResult WrapOp::fold(FoldAdaptor) {
  auto unwrap = getComponents().front().getDefiningOp<UnwrapOp>();
  if (unwrap && unwrap.getSource().getType() == getType() &&
      unwrap.getComponents() == getComponents())
    return unwrap.getSource();
  return {};
}

LogicalResult UnwrapOp::inferReturnTypes(MLIRContext *, MaybeLocation,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  auto source = cast<FormattedType>(adaptor.getSource().getType());
  llvm::append_range(types, source.getComponentTypes()); // C1
  return success();
}

/// unwrap(wrap(x...)) is x...
LogicalResult UnwrapOp::fold(FoldAdaptor,
                             SmallVectorImpl<OpFoldResult> &results) {
  auto wrap = getSource().getDefiningOp<WrapOp>();
  if (!wrap)
    return failure();
  llvm::append_range(results, wrap.getComponents());
  return success();
}

/// C1 and C3 of both encodes.
template <typename EncodeOp> static LogicalResult verifyEncode(EncodeOp op) {
  RankedTensorType plain = op.getType().getPlainType();
  if (plain != op.getInput().getType()) // C1
    return op.emitOpError("encodes ")
           << op.getInput().getType() << ", but its result holds " << plain;
  if (!op.getType().getFormat().getLayout().isDense()) // C3
    return op.emitOpError("needs a dense layout; prune first and wrap what is "
                          "left");
  return success();
}

LogicalResult EncodeOp::verify() {
  if (failed(verifyEncode(*this)))
    return failure();
  return verifyComponents(*this, getParameters().getTypes(), // C2
                          getType().getParameters());
}

LogicalResult EncodeAutoOp::verify() {
  if (failed(verifyEncode(*this)))
    return failure();
  if (!getType().getFormat().getScaling().getScaleType()) // C2
    return emitOpError("needs a format with scales");
  return success();
}

LogicalResult DecodeOp::inferReturnTypes(MLIRContext *, MaybeLocation,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  types.push_back(getPlainType(adaptor.getSource().getType())); // C1
  return success();
}

LogicalResult DecodeOp::reifyResultShapes(OpBuilder &builder,
                                          ReifiedRankedShapedTypeDims &shapes) {
  return reifyAs(getSource(), builder, shapes);
}

LogicalResult DimOp::verify() {
  int64_t axis = getAxis(), rank = getSource().getType().getRank();
  if (axis < 0 || axis >= rank) // C1
    return emitOpError("axis ")
           << axis << " is not an axis of a tensor of rank " << rank;
  return success();
}

OpFoldResult DimOp::fold(FoldAdaptor) {
  FormattedType type = getSource().getType();
  if (type.isDynamicDim(getAxis()))
    return {};
  return Builder(getContext()).getIndexAttr(type.getDimSize(getAxis()));
}
