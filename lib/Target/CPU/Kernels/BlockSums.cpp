#include "lib/Target/CPU/Kernels/BlockSums.h"

#include "dialects/QNN/IR/Ops.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace qcc;

Value qcc::cpu::createBlockSums(OpBuilder &builder, Location loc, Value codes,
                                const StreamFormat &stream) {
  auto type = cast<RankedTensorType>(codes.getType());
  int64_t length = type.getDimSize(1), blockLength = stream.blockLength;
  int64_t blocks = llvm::divideCeil(length, blockLength);
  if (int64_t missing = blocks * blockLength - length) {
    SmallVector<OpFoldResult> low(2, builder.getIndexAttr(0)), high = low;
    high[1] = builder.getIndexAttr(missing);
    codes = qnn::PadOp::create(builder, loc, qnn::PadMode::constant, codes, low,
                               high, Value());
  }
  OpFoldResult rows = tensor::getMixedSize(builder, loc, codes, 0);
  codes = qnn::ReshapeOp::create(
      builder, loc, codes,
      ArrayRef<OpFoldResult>{rows, builder.getIndexAttr(blocks),
                             builder.getIndexAttr(blockLength)});
  auto wide =
      cast<RankedTensorType>(codes.getType()).clone(builder.getI32Type());
  codes = qnn::CastOp::create(builder, loc, wide, codes);
  Value sums = qnn::ReduceOp::create(builder, loc, qnn::ReduceKind::sum, codes,
                                     ArrayRef<int64_t>{2}, /*keep_dims=*/false);
  if (stream.hasZeroPoints)
    return sums;
  auto scalar = RankedTensorType::get({}, builder.getI32Type());
  Value factor = arith::ConstantOp::create(
      builder, loc,
      DenseElementsAttr::get(scalar, static_cast<int32_t>(-stream.zeroPoint)));
  return qnn::BinaryOp::create(builder, loc, qnn::BinaryKind::mul, sums,
                               factor);
}
