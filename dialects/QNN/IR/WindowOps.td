#ifndef DIALECTS_QNN_IR_WINDOWOPS_TD
#define DIALECTS_QNN_IR_WINDOWOPS_TD

include "dialects/QNN/IR/OpBase.td"

def QNN_PoolOp : QNN_ShapedOp<"pool", [Work]> {
  let summary = "Maximum or mean of windows: `qnn.pool max %x {...}`";
  let description = [{
    The input is [N, C, spatial...], with `channels_last` [N, spatial..., C]. `pads` are
    the elements added before each spatial axis, then after each; a maximum ignores
    them; a mean counts them if `count_padding`. `ceil_mode` rounds the number of
    windows up, as ONNX does: a window that would start in the end padding is left out,
    and what a last window covers beyond the padding is never counted.

    - (C1) The input has 3 to 5 axes.
    - (C2) Window, strides and dilations, one for each spatial axis, are positive; pads,
      two for each, are not negative.
    - (C3) The window fits into the padded input.
    - (C4) Pads are less than the window reaches over: each window holds an element.
  }];
  let arguments = (ins QNN_PoolKind:$kind, QNN_Plain:$input,
                       DenseI64ArrayAttr:$window, DenseI64ArrayAttr:$strides,
                       DenseI64ArrayAttr:$pads, DenseI64ArrayAttr:$dilations,
                       UnitAttr:$ceil_mode, UnitAttr:$count_padding,
                       UnitAttr:$channels_last);
  let results = (outs QNN_Plain:$result);
  let assemblyFormat = [{
    $kind $input attr-dict `:` functional-type($input, $result)
  }];
  let hasVerifier = 1;
}

def QNN_ResizeOp : QNN_ShapedOp<"resize", [Work, AttrSizedOperandSegments]> {
  let summary = "A tensor sampled at another resolution: ONNX's Resize";
  let description = [{
    The i-th coordinate of an output element is mapped into the input by `coordinates`
    and the i-th of `scales` (output extent by input extent, as the model states it,
    which is not always their exact quotient), and interpolated by `mode`. `roi` is used
    by `tf_crop_and_resize` only: [starts..., ends...], normalized; what falls outside is
    `extrapolation_value`. Axes whose scale is 1 and whose extent stays are copied.

    - (C1) Sizes are as many as the input's axes.
    - (C2) Scales have one element for each axis; a roi has two.
  }];
  let arguments = (ins QNN_ResizeMode:$mode, QNN_Plain:$input,
                       RankedTensorOf<[F32]>:$scales,
                       Optional<QNN_PlainFloat>:$roi, Variadic<Index>:$sizes,
                       DenseI64ArrayAttr:$static_sizes,
                       QNN_CoordinateMode:$coordinates,
                       QNN_NearestMode:$rounding,
                       DefaultValuedAttr<F32Attr, "-0.75f">:$cubic_coefficient,
                       UnitAttr:$exclude_outside, UnitAttr:$antialias,
                       DefaultValuedAttr<F32Attr, "0.0f">:$extrapolation_value);
  let results = (outs QNN_Plain:$result);
  let assemblyFormat = [{
    $mode $input `,` $scales (`roi` $roi^)?
    custom<DynamicIndexList>($sizes, $static_sizes) $coordinates $rounding attr-dict
    `:` `(` type($input) `,` type($scales) (`,` type($roi)^)? `)` `->` type($result)
  }];
  let extraClassDeclaration = [{
    ::llvm::SmallVector<::mlir::OpFoldResult> getMixedSizes();
  }];
  let hasVerifier = 1;
}

def QNN_GridSampleOp : QNN_ShapedOp<"grid_sample", [Work]> {
  let summary = "A tensor sampled at given coordinates: ONNX's GridSample";
  let description = [{
    The input is [N, C, spatial...], the grid [N, spatial' ..., r] with coordinates from
    -1 to 1 in the order of the innermost spatial axis first, the result
    [N, C, spatial'...].

    - (C1) Input and grid have one rank, 4 or 5, and the grid's innermost extent is the
      number of spatial axes.
    - (C2) Input and grid have the same first extent.
  }];
  let arguments = (ins QNN_ResizeMode:$mode, QNN_GridPadding:$padding,
                       QNN_Plain:$input, QNN_PlainFloat:$grid,
                       UnitAttr:$align_corners);
  let results = (outs QNN_Plain:$result);
  let assemblyFormat = [{
    $mode $padding operands attr-dict `:` functional-type(operands, $result)
  }];
  let hasVerifier = 1;
}

#endif // DIALECTS_QNN_IR_WINDOWOPS_TD
