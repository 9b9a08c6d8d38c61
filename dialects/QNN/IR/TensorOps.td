#ifndef DIALECTS_QNN_IR_TENSOROPS_TD
#define DIALECTS_QNN_IR_TENSOROPS_TD

include "dialects/QNN/IR/OpBase.td"

// Extents and positions are mixed lists: a static number, or a dynamic `index`
// operand where the static list has ShapedType::kDynamic.

def QNN_ReshapeOp : QNN_ShapedOp<"reshape", [Work]> {
  let summary = "The same elements in row-major order under other extents";
  let description = [{
    `%y = qnn.reshape %x [%n, 12, 64] : (tensor<?x768xf32>) -> tensor<?x12x64xf32>`

    The number of elements stays; an importer that cannot know it checks at run time.

    - (C1) Static shapes hold as many elements.
    - (C2) The number of dynamic extents is that of the operands.
  }];
  let arguments = (ins QNN_Plain:$input, Variadic<Index>:$sizes,
                       DenseI64ArrayAttr:$static_sizes);
  let results = (outs QNN_Plain:$result);
  let assemblyFormat = [{
    $input custom<DynamicIndexList>($sizes, $static_sizes) attr-dict
    `:` functional-type($input, $result)
  }];
  let extraClassDeclaration = [{
    ::llvm::SmallVector<::mlir::OpFoldResult> getMixedSizes();
  }];
  let builders = [OpBuilder<(ins "::mlir::Value":$input,
      "::llvm::ArrayRef<::mlir::OpFoldResult>":$sizes)>];
  let hasVerifier = 1;
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def QNN_ExpandOp : QNN_ShapedOp<"expand", [Work]> {
  let summary = "Broadcast to given extents";
  let description = [{
    Shapes are aligned at their innermost axes. An extent of the input is that of the
    result or 1; which of the two a dynamic one is, is seen at run time.

    - (C1) The result has at least the input's rank.
    - (C2) Static extents of the input are 1 or equal the result's.
    - (C3) The number of dynamic extents is that of the operands.
  }];
  let arguments = (ins QNN_Plain:$input, Variadic<Index>:$sizes,
                       DenseI64ArrayAttr:$static_sizes);
  let results = (outs QNN_Plain:$result);
  let assemblyFormat = [{
    $input custom<DynamicIndexList>($sizes, $static_sizes) attr-dict
    `:` functional-type($input, $result)
  }];
  let extraClassDeclaration = [{
    ::llvm::SmallVector<::mlir::OpFoldResult> getMixedSizes();
  }];
  let builders = [OpBuilder<(ins "::mlir::Value":$input,
      "::llvm::ArrayRef<::mlir::OpFoldResult>":$sizes)>];
  let hasVerifier = 1;
  let hasFolder = 1;
}

def QNN_TransposeOp : QNN_ShapedOp<"transpose", [Work]> {
  let summary = "Axes in another order: axis i of the result is axis permutation[i]";
  let description = [{
    - (C1) The permutation is one of the input's axes.
  }];
  let arguments = (ins QNN_Plain:$input, DenseI64ArrayAttr:$permutation);
  let results = (outs QNN_Plain:$result);
  let hasVerifier = 1;
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def QNN_ConcatOp : QNN_ShapedOp<"concat", [Work]> {
  let summary = "Tensors one after the other along an axis";
  let description = [{
    - (C1) There is an operand.
    - (C2) The operands agree in rank, element type and all static extents but that
      along the axis.
    - (C3) The axis is one of theirs.
  }];
  let arguments = (ins Variadic<QNN_Plain>:$inputs, I64Attr:$axis);
  let results = (outs QNN_Plain:$result);
  let hasVerifier = 1;
  let hasFolder = 1;
}

def QNN_SliceOp : QNN_ShapedOp<"slice", [Work, AttrSizedOperandSegments]> {
  let summary = "Elements at offset + i * stride along each axis";
  let description = [{
    `%y = qnn.slice %x [0, %o] [4, %n] [1, -1] : (tensor<4x?xf32>) -> tensor<4x?xf32>`

    Offsets and sizes are in range: the importer clamps them. A negative stride goes
    backward from the offset.

    - (C1) Offsets, sizes and strides are as many as the input's axes.
    - (C2) No stride is 0.
    - (C3) Static positions are within static extents.
  }];
  let arguments = (ins QNN_Plain:$input, Variadic<Index>:$offsets,
                       Variadic<Index>:$sizes, DenseI64ArrayAttr:$static_offsets,
                       DenseI64ArrayAttr:$static_sizes,
                       DenseI64ArrayAttr:$strides);
  let results = (outs QNN_Plain:$result);
  let assemblyFormat = [{
    $input custom<DynamicIndexList>($offsets, $static_offsets)
    custom<DynamicIndexList>($sizes, $static_sizes) $strides attr-dict
    `:` functional-type($input, $result)
  }];
  let extraClassDeclaration = [{
    ::llvm::SmallVector<::mlir::OpFoldResult> getMixedOffsets();
    ::llvm::SmallVector<::mlir::OpFoldResult> getMixedSizes();
  }];
  let builders = [OpBuilder<(ins "::mlir::Value":$input,
      "::llvm::ArrayRef<::mlir::OpFoldResult>":$offsets,
      "::llvm::ArrayRef<::mlir::OpFoldResult>":$sizes,
      "::llvm::ArrayRef<int64_t>":$strides)>];
  let hasVerifier = 1;
  let hasFolder = 1;
}

def QNN_PadOp : QNN_ShapedOp<"pad", [Work, AttrSizedOperandSegments]> {
  let summary = "A tensor with elements added before and after along each axis";
  let description = [{
    `%y = qnn.pad constant %x low [0, 1] high [0, %p] value %v
        : (tensor<2x?xf32>, tensor<f32>) -> tensor<2x?xf32>`

    `constant` without a value pads with zeros. Nothing is negative: the importer
    slices for that.

    - (C1) Low and high are as many as the input's axes, and static ones are not
      negative.
    - (C2) The value is a scalar of the input's element type; only `constant` has one.
  }];
  let arguments = (ins QNN_PadMode:$mode, QNN_Plain:$input, Variadic<Index>:$low,
                       Variadic<Index>:$high, Optional<QNN_Plain>:$value,
                       DenseI64ArrayAttr:$static_low,
                       DenseI64ArrayAttr:$static_high);
  let results = (outs QNN_Plain:$result);
  let assemblyFormat = [{
    $mode $input `low` custom<DynamicIndexList>($low, $static_low)
    `high` custom<DynamicIndexList>($high, $static_high) (`value` $value^)?
    attr-dict `:` `(` type($input) (`,` type($value)^)? `)` `->` type($result)
  }];
  let extraClassDeclaration = [{
    ::llvm::SmallVector<::mlir::OpFoldResult> getMixedLow();
    ::llvm::SmallVector<::mlir::OpFoldResult> getMixedHigh();
  }];
  let builders = [OpBuilder<(ins "PadMode":$mode, "::mlir::Value":$input,
      "::llvm::ArrayRef<::mlir::OpFoldResult>":$low,
      "::llvm::ArrayRef<::mlir::OpFoldResult>":$high,
      CArg<"::mlir::Value", "{}">:$value)>];
  let hasVerifier = 1;
  let hasFolder = 1;
}

def QNN_TileOp : QNN_ShapedOp<"tile", [Work]> {
  let summary = "A tensor repeated along each axis";
  let description = [{
    - (C1) Repeats are as many as the input's axes, and static ones are not negative.
  }];
  let arguments = (ins QNN_Plain:$input, Variadic<Index>:$repeats,
                       DenseI64ArrayAttr:$static_repeats);
  let results = (outs QNN_Plain:$result);
  let assemblyFormat = [{
    $input custom<DynamicIndexList>($repeats, $static_repeats) attr-dict
    `:` functional-type($input, $result)
  }];
  let extraClassDeclaration = [{
    ::llvm::SmallVector<::mlir::OpFoldResult> getMixedRepeats();
  }];
  let builders = [OpBuilder<(ins "::mlir::Value":$input,
      "::llvm::ArrayRef<::mlir::OpFoldResult>":$repeats)>];
  let hasVerifier = 1;
}

def QNN_GatherOp : QNN_ShapedOp<"gather", [Work]> {
  let summary = "Slices of a tensor at indices along an axis, as numpy.take";
  let description = [{
    result[a..., i..., b...] = input[a..., indices[i...], b...]. A negative index
    counts from the end. An index out of range is an error at run time.

    - (C1) The axis is one of the input's.
  }];
  let arguments = (ins QNN_Plain:$input, QNN_PlainIndices:$indices, I64Attr:$axis);
  let results = (outs QNN_Plain:$result);
  let hasVerifier = 1;
}

def QNN_GatherElementsOp : QNN_ShapedOp<"gather_elements", [Work]> {
  let summary = "Elements of a tensor at indices along an axis";
  let description = [{
    result[a, i, b] = input[a, indices[a, i, b], b]. Negative indices count from the
    end.

    - (C1) The axis is one of the input's.
    - (C2) Input and indices have one rank.
    - (C3) Along other axes than that, indices reach no further than the input.
  }];
  let arguments = (ins QNN_Plain:$input, QNN_PlainIndices:$indices, I64Attr:$axis);
  let results = (outs QNN_Plain:$result);
  let hasVerifier = 1;
}

def QNN_GatherNDOp : QNN_ShapedOp<"gather_nd", [Work]> {
  let summary = "Slices of a tensor at tuples of indices";
  let description = [{
    The innermost axis of `indices`, whose extent is static, holds positions along the
    axes of the input that follow the first `batch_dims`. Negative ones count from the
    end.

    - (C1) The innermost extent of the indices is static.
    - (C2) Batch axes and positions are no more than the input's axes.
    - (C3) Along batch axes input and indices have the same extents.
  }];
  let arguments = (ins QNN_Plain:$input, QNN_PlainIndices:$indices,
                       I64Attr:$batch_dims);
  let results = (outs QNN_Plain:$result);
  let hasVerifier = 1;
}

def QNN_ScatterElementsOp : QNN_ShapedOp<"scatter_elements", [Work]> {
  let summary = "A tensor with elements updated at indices along an axis";
  let description = [{
    result[a, indices[a, i, b], b] = updates[a, i, b], combined by `kind` with what
    stands there; updates happen in row-major order. Negative indices count from the
    end.

    - (C1) The axis is one of the input's.
    - (C2) Input, indices and updates have one rank.
    - (C3) Input and updates have one element type.
    - (C4) Along other axes than that, indices reach no further than the input.
    - (C5) Updates have the shape of the indices.
  }];
  let arguments = (ins QNN_ScatterKind:$kind, QNN_Plain:$input,
                       QNN_PlainIndices:$indices, QNN_Plain:$updates,
                       I64Attr:$axis);
  let results = (outs QNN_Plain:$result);
  let assemblyFormat = [{
    $kind operands attr-dict `:` functional-type(operands, $result)
  }];
  let hasVerifier = 1;
}

def QNN_ScatterNDOp : QNN_ShapedOp<"scatter_nd", [Work]> {
  let summary = "A tensor with slices updated at tuples of indices";
  let description = [{
    The innermost axis of `indices`, whose extent is static, holds positions along the
    first axes of the input. Negative ones count from the end.

    - (C1) The innermost extent of the indices is static and at most the input's rank.
    - (C2) Updates have the rank that follows.
    - (C3) Input and updates have one element type.
    - (C4) Updates have the extents of the indices but their innermost, then those of
      the input's axes that no position addresses.
  }];
  let arguments = (ins QNN_ScatterKind:$kind, QNN_Plain:$input,
                       QNN_PlainIndices:$indices, QNN_Plain:$updates);
  let results = (outs QNN_Plain:$result);
  let assemblyFormat = [{
    $kind operands attr-dict `:` functional-type(operands, $result)
  }];
  let hasVerifier = 1;
}

def QNN_IotaOp : QNN_ShapedOp<"iota", [Work]> {
  let summary = "The position of each element along an axis";
  let description = [{
    - (C1) The axis is one of the result's.
    - (C2) The number of dynamic extents is that of the operands.
  }];
  let arguments = (ins Variadic<Index>:$sizes, DenseI64ArrayAttr:$static_sizes,
                       I64Attr:$axis, TypeAttr:$element_type);
  let results = (outs QNN_Plain:$result);
  let assemblyFormat = [{
    custom<DynamicIndexList>($sizes, $static_sizes) attr-dict `:` type($result)
  }];
  let extraClassDeclaration = [{
    ::llvm::SmallVector<::mlir::OpFoldResult> getMixedSizes();
  }];
  let builders = [OpBuilder<(ins "::llvm::ArrayRef<::mlir::OpFoldResult>":$sizes,
      "int64_t":$axis, "::mlir::Type":$elementType)>];
  let hasVerifier = 1;
}

def QNN_NonZeroOp : QNN_Op<"non_zero", [Work, InferTypeOpAdaptor]> {
  let summary = "The positions of elements that are not zero, and how many they are";
  let description = [{
    The first result has a column for each element of the input, of which the first
    `count` hold positions in row-major order; the others are unspecified.

    - (C1) The results are a tensor<rank x elements x i64> and an index.
  }];
  let arguments = (ins QNN_Plain:$input);
  let results = (outs QNN_Plain:$positions, Index:$count);
}

def QNN_TopKOp : QNN_ShapedOp<"top_k", [Work]> {
  let summary = "The k largest or smallest elements along an axis, and where they are";
  let description = [{
    Sorted; of equal elements that with the lower index comes first.

    - (C1) The axis is one of the input's.
    - (C2) A static k is not negative and at most the static extent of the axis.
  }];
  let arguments = (ins QNN_Plain:$input, Variadic<Index>:$k,
                       DenseI64ArrayAttr:$static_k, I64Attr:$axis,
                       BoolAttr:$largest);
  let results = (outs QNN_Plain:$values, QNN_Plain:$indices);
  let assemblyFormat = [{
    $input custom<DynamicIndexList>($k, $static_k) attr-dict
    `:` functional-type($input, results)
  }];
  let extraClassDeclaration = [{
    ::mlir::OpFoldResult getMixedK();
  }];
  let builders = [OpBuilder<(ins "::mlir::Value":$input,
      "::mlir::OpFoldResult":$k, "int64_t":$axis, "bool":$largest)>];
  let hasVerifier = 1;
}

#endif // DIALECTS_QNN_IR_TENSOROPS_TD
