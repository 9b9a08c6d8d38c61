#include "lib/Compress/Quantize/FormatsOfSpecs.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace qcc;
using formats::FormatSpec;
using formats::Sharing;

static Attribute getZeroPoint(const FormatSpec &spec, Builder &builder) {
  if (spec.zeroPoint)
    return builder.getI64IntegerAttr(*spec.zeroPoint);
  return spec.hasZeroPoints ? Attribute(builder.getUnitAttr()) : Attribute();
}

static qnn::Scaling getScaling(const FormatSpec &spec, Builder &builder) {
  MLIRContext *context = builder.getContext();
  Attribute zeroPoint = getZeroPoint(spec, builder);
  switch (spec.sharing) {
  case Sharing::Tensor:
    return qnn::TensorScalingAttr::get(context, builder.getF32Type(),
                                       zeroPoint);
  case Sharing::Axis:
    return qnn::AxisScalingAttr::get(context, 0, builder.getF32Type(),
                                     zeroPoint);
  case Sharing::Group:
    return qnn::BlockScalingAttr::get(context, {1, spec.groupSize},
                                      builder.getF16Type(), zeroPoint);
  }
  llvm_unreachable("unknown sharing");
}

qnn::FormattedType compress::getMatrixType(const FormatSpec &spec,
                                           RankedTensorType matrix) {
  Builder builder(matrix.getContext());
  auto format =
      qnn::FormatAttr::get(spec.codec, getScaling(spec, builder),
                           qnn::DenseLayoutAttr::get(matrix.getContext()));
  return qnn::FormattedType::get(matrix, format);
}
