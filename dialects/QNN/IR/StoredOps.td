#ifndef DIALECTS_QNN_IR_STOREDOPS_TD
#define DIALECTS_QNN_IR_STOREDOPS_TD

include "dialects/QNN/IR/OpBase.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"

//===----------------------------------------------------------------------===//
// Phase storage: components instead of formatted values
//===----------------------------------------------------------------------===//

def QNN_DecodeStoredOp : QNN_Op<"decode_stored", [Work, ReifyShape]> {
  let summary = "The real values that components stand for";
  let description = [{
    One op until it is lowered per tile: as linalg.generic it would be fused into
    the contraction and recomputed for each row.

    - (C1) A tensor of the result's shape can have the format.
    - (C2) The operands are the components of that type, in its order.
  }];
  let arguments = (ins Variadic<QNN_Component>:$components,
                       QNN_FormatAttr:$format);
  let results = (outs QNN_PlainFloat:$result);
  let extraClassDeclaration = [{
    /// The type of which the operands are the components.
    FormattedType getStoredType();
  }];
  let hasVerifier = 1;
}

def QNN_EncodeStoredOp : QNN_Op<"encode_stored", [Work]> {
  let summary = "The components that real values are stored in";
  let description = [{
    The results are those components of the format that are not operands: with
    scales (and zero points) given, the codes; without, all of them, by the
    format's rule.

    - (C1) A tensor of the input's shape can have the format, and its layout is
      dense.
    - (C2) The parameters are all scales and zero points of the format, or none.
    - (C3) The results are the other components, in the order of the type.
  }];
  let arguments = (ins QNN_PlainFloat:$input, Variadic<QNN_Component>:$parameters,
                       QNN_FormatAttr:$format);
  let results = (outs Variadic<QNN_Component>:$components);
  let extraClassDeclaration = [{
    /// The type of which parameters and results are the components.
    FormattedType getStoredType();
  }];
  let hasVerifier = 1;
}

// A value before bufferization, memory after it.
def QNN_Shaped : AnyTypeOf<[AnyRankedTensor, AnyMemRef],
                           "a ranked tensor or a memref">;

def QNN_ContractOp : Op<QNN_Dialect, "contract", [
    AttrSizedOperandSegments, DestinationStyleOpInterface,
    SingleBlockImplicitTerminator<"YieldOp">, RecursiveMemoryEffects,
    SumOfProducts,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
    DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface,
                              ["reifyResultShapes"]>]> {
  let summary = "A convolution or matrix product with its epilogue: one kernel";
  let description = [{
    For each output element, acc = start[k] + the sum over window positions r, s and
    channels c of
      input[n, oh * stride_h + r * dilation_h, ow * stride_w + s * dilation_w, c]
      * weights[k, r, s, c],
    and the element stored is what the region yields for acc and the elements of
    `extras` that belong to it.

    | operand | type |
    | --- | --- |
    | input | [N, H, W, C], its padding in place; or a matrix [M, C] (window 1x1), or a batch of them [B, M, C] |
    | weights | canonical [K, R, S, C / groups], for a matrix [K, C], for a batch [B', K, C]; with `transposed` [C, K] and [B', C, K]; constant ones with `packing` or a `weights_format` that is packed are the one-dimensional stream that the packing describes |
    | input_scales | [M]: of an input with a dynamic scale for each row; only where weights have block scales, which end inside the sum |
    | input_sums | [M, blocks]: for kernels that want them, what zero points of weights make of a row's codes in each block of the weights' format; no result depends on them |
    | start | [K], of the accumulator's type |
    | extras | of the output's shape (in the form of init), or that with K = 1: one for each row or pixel; or [K], or a scalar |
    | init | [N, OH, OW, K], [M, K] or [B, M, K] |

    Of a batch, B / B' consecutive matrices have the same weights: heads of attention
    that share their keys.

    Bytes are codes of `input_format` and `weights_format`: signed or unsigned as their
    codecs say. Their product sums exclude zero points, which `start` and the region
    correct, unless `weights_format` has a constant zero point: weights then count as
    code - zero point. With block scales acc is f32: the sum over blocks of
    fl(exact block sum) * (scale of the block * input_scales[m]). Wider integers are
    numbers themselves.

    ```mlir
    %y = qnn.contract ins(%x, %w : tensor<?x64xf32>, tensor<64x64xf32>)
        extras(%b : tensor<64xf32>) outs(%init : tensor<?x64xf32>)
        attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
         window = array<i64: 1, 1>, groups = 1 : i64} {
      ^bb0(%acc: f32, %b0: f32):
        %0 = arith.addf %acc, %b0 : f32
        qnn.yield %0 : f32
    } -> tensor<?x64xf32>
    ```

    - (C1) Input and init have rank 2, 3 or 4, and the same.
    - (C2) Strides, dilations and window have two positive elements each, all 1 for
      matrices.
    - (C3) Groups divide C and K; a batch has one.
    - (C4) The region takes an accumulator, i32, i64 or f32, and an element of each extra,
      and yields one of init.
    - (C5) An extra has the shape of init, or that with a last extent of 1, or [K], or is
      a scalar.
    - (C6) Start has K elements of the accumulator's type.
    - (C7) The result, on tensors, has the type of init.
    - (C8) Input and init agree in M and B; of images in N, and OH and OW are the numbers
      of windows that fit into H and W.
    - (C9) Weights are canonical, with the K of init, the C of the input and a B' that
      divides B, or those of matrices transposed; or they have one axis.
    - (C10) Input scales are one for each row of a matrix.
    - (C11) Of an input of bytes, its format and that of the weights are given.
    - (C12) Input sums are of i32, one for each block of weights along C, of each row of a
      matrix.
  }];
  let arguments = (ins QNN_Shaped:$input, QNN_Shaped:$weights,
                       Optional<QNN_Shaped>:$input_scales,
                       Optional<QNN_Shaped>:$input_sums,
                       Optional<QNN_Shaped>:$start,
                       Variadic<QNN_Shaped>:$extras, QNN_Shaped:$init,
                       DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations,
                       DenseI64ArrayAttr:$window,
                       DefaultValuedAttr<I64Attr, "1">:$groups,
                       UnitAttr:$transposed,
                       OptionalAttr<QNN_FormatAttr>:$input_format,
                       OptionalAttr<QNN_FormatAttr>:$weights_format,
                       OptionalAttr<QNN_KernelAttr>:$kernel);
  let results = (outs Optional<AnyRankedTensor>:$result);
  let regions = (region SizedRegion<1>:$epilogue);
  let assemblyFormat = [{
    `ins` `(` $input `,` $weights `:` type($input) `,` type($weights) `)`
    (`scales` `(` $input_scales^ `:` type($input_scales) `)`)?
    (`sums` `(` $input_sums^ `:` type($input_sums) `)`)?
    (`start` `(` $start^ `:` type($start) `)`)?
    (`extras` `(` $extras^ `:` type($extras) `)`)?
    `outs` `(` $init `:` type($init) `)` attr-dict-with-keyword $epilogue (`->` type($result)^)?
  }];
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getInitMutable(); }
    /// i32, i64 or f32.
    ::mlir::Type getAccumulatorType();
    /// Whether it multiplies matrices, or a batch of them.
    bool isMatrix();
    bool isBatch();
  }];
  let hasVerifier = 1;
}

def QNN_YieldOp : Op<QNN_Dialect, "yield",
                     [Pure, Terminator, ReturnLike, HasParent<"ContractOp">]> {
  let summary = "The element that an epilogue stores";
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
  let builders = [OpBuilder<(ins), "/* for an empty region */">];
}

#endif // DIALECTS_QNN_IR_STOREDOPS_TD
