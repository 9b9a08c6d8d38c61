#ifndef DIALECTS_QNN_IR_CONTRACTIONOPS_TD
#define DIALECTS_QNN_IR_CONTRACTIONOPS_TD

include "dialects/QNN/IR/OpBase.td"

// Contractions read any format. Their result is one of two:
// - real values: floats of the operands' values' type;
// - accumulators, elements i32: the exact sums of (code - zero point) products of two
//   operands with integer codes, without their scales, modulo 2^32. ONNX's
//   MatMulInteger, ConvInteger and QLinear ops are made of those.
// Plain integer operands multiply as they are and give their own type.

def QNN_MatmulOp : QNN_ShapedOp<"matmul", [SumOfProducts]> {
  let summary = "Product of matrices, or of batches of them, in any format";
  let description = [{
    ```mlir
    %y = qnn.matmul %x, %w {transpose_b} : (tensor<?x64xf32>, tensor<8x64xf32>)
      -> tensor<?x8xf32>
    ```
    The innermost two axes are the matrices; axes before them are broadcast as by
    elementwise ops. An importer gives vectors an axis of 1.

    - (C1) The operands have at least two axes.
    - (C2) The contracted extents agree.
    - (C3) The operands' values have one type.
    - (C4) A kernel accumulates in i32 only if both operands have integer codes.
    - (C5) The result is the plain tensor that follows from the operands, of their
      values' type or, with `accumulators`, of i32.
    - (C6) Batch axes can be broadcast.
    - (C7) Accumulators are of operands with integer codes, or of plain i16, which are
      multiplied as they are.
  }];
  let arguments = (ins QNN_AnyFormat:$lhs, QNN_AnyFormat:$rhs,
                       UnitAttr:$transpose_b, UnitAttr:$accumulators,
                       OptionalAttr<QNN_KernelAttr>:$kernel);
  let results = (outs QNN_Plain:$result);
  let hasVerifier = 1;
}

def QNN_ConvOp : QNN_ShapedOp<"conv", [SumOfProducts]> {
  let summary = "Convolution (cross-correlation) with one to three spatial axes";
  let description = [{
    ```mlir
    %y = qnn.conv %x, %w, %b {strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>,
                              dilations = array<i64: 1, 1>, groups = 1 : i64}
      : (tensor<?x3x224x224xf32>, tensor<64x3x3x3xf32>, tensor<64xf32>)
      -> tensor<?x64x112x112xf32>
    ```
    The input is [N, C, spatial...], with `channels_last` [N, spatial..., C], and so is
    the result; weights are always [K, C / groups, window...]. `pads` are the elements
    added before each spatial axis, then after each: zeros of the real values.

    - (C1) Input and weights have one rank, 3 to 5.
    - (C2) Strides and dilations, one for each spatial axis, are positive; pads, two for
      each, are not negative.
    - (C3) Groups divide the input's and the result's channels, and the weights' second
      extent is the input's channels by groups.
    - (C4) The operands' values have one type; with `accumulators` a bias is of i32.
    - (C5) A bias has one element for each channel of the result.
    - (C6) Accumulators are of operands with integer codes.
    - (C7) A kernel accumulates in i32 only if both operands have integer codes.
    - (C8) The window fits into the padded input.
  }];
  let arguments = (ins QNN_AnyFormat:$input, QNN_AnyFormat:$weights,
                       Optional<QNN_Plain>:$bias, DenseI64ArrayAttr:$strides,
                       DenseI64ArrayAttr:$pads, DenseI64ArrayAttr:$dilations,
                       DefaultValuedAttr<I64Attr, "1">:$groups,
                       UnitAttr:$channels_last, UnitAttr:$accumulators,
                       OptionalAttr<QNN_KernelAttr>:$kernel);
  let results = (outs QNN_Plain:$result);
  let hasVerifier = 1;
}

def QNN_RequantizeOp : QNN_Op<"requantize", [Work]> {
  let summary = "Codes of accumulators: ONNX's QLinearConv and QLinearMatMul";
  let description = [{
    code = clamp(rne(fl(fl(acc) * fl(fl(sx * sw) / sy))) + z), in f32: `qnn.encode` of
    the products' real value rounds twice where this rounds once. The scale of the
    weights may be one for each index along `axis`.

    - (C1) The result has the shape of the accumulators and integer codes.
    - (C2) The parameters are the scale and zero point of the result's type, which has
      one scale for the tensor.
    - (C3) The axis is one of the accumulators', and the weights' scale is a scalar or
      has one element for each index along it.
  }];
  let arguments = (ins RankedTensorOf<[I32]>:$accumulators,
                       RankedTensorOf<[F32]>:$input_scale,
                       RankedTensorOf<[F32]>:$weights_scale,
                       Variadic<QNN_Component>:$parameters, I64Attr:$axis);
  let results = (outs QNN_FormattedType:$result);
  let hasVerifier = 1;
}

#endif // DIALECTS_QNN_IR_CONTRACTIONOPS_TD
