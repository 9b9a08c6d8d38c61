#ifndef DIALECTS_QNN_IR_FORMATOPS_TD
#define DIALECTS_QNN_IR_FORMATOPS_TD

include "dialects/QNN/IR/OpBase.td"

//===----------------------------------------------------------------------===//
// Between components, formatted values and plain values
//===----------------------------------------------------------------------===//

def QNN_WrapOp : QNN_Op<"wrap"> {
  let summary = "Bundle components into a formatted value, without arithmetic";
  let description = [{
    ```mlir
    %w = qnn.wrap %codes, %scales : (tensor<4096x2048xi8>, tensor<4096x128xf16>)
      -> !qnn.tensor<4096x4096xf32, uint4, block<1x32, f16, zero = 8>, dense>
    ```

    - (C1) The operands are the components of the result's type, in its order.
  }];
  let arguments = (ins Variadic<QNN_Component>:$components);
  let results = (outs QNN_FormattedType:$result);
  let hasVerifier = 1;
  let hasFolder = 1;
}

def QNN_UnwrapOp : QNN_Op<"unwrap", [InferTypeOpAdaptor]> {
  let summary = "Open a formatted value into its components, without arithmetic";
  let description = [{
    - (C1) The results are the components of the operand's type, in its order.
  }];
  let arguments = (ins QNN_FormattedType:$source);
  let results = (outs Variadic<QNN_Component>:$components);
  let hasFolder = 1;
}

def QNN_EncodeOp : QNN_Op<"encode", [Work]> {
  let summary = "Quantize by given scales and zero points";
  let description = [{
    code = clamp(round_half_even(x / scale) + zero point), in f32; NaN becomes the
    lowest number of an integer codec.

    Encoding loses precision, so decode of encode is not the identity and nothing
    removes the pair.

    - (C1) The result has the shape and the values' type of the input.
    - (C2) The parameters are the scales and zero points of the result's type.
    - (C3) The layout is dense: which elements to drop is not an encoder's choice.
  }];
  let arguments = (ins QNN_PlainFloat:$input, Variadic<QNN_Component>:$parameters);
  let results = (outs QNN_FormattedType:$result);
  let hasVerifier = 1;
}

def QNN_EncodeAutoOp : QNN_Op<"encode_auto", [Work]> {
  let summary = "Quantize by scales that the format's rule computes from the input";
  let description = [{
    Dynamic quantization: the scales are born here, at run time.

    - (C1) The result has the shape and the values' type of the input.
    - (C2) The format has scales.
    - (C3) The layout is dense: which elements to drop is not an encoder's choice.
  }];
  let arguments = (ins QNN_PlainFloat:$input);
  let results = (outs QNN_FormattedType:$result);
  let hasVerifier = 1;
}

def QNN_DecodeOp : QNN_Op<"decode", [Work, InferTypeOpAdaptor, ReifyShape]> {
  let summary = "The real values of a formatted value";
  let description = [{
    - (C1) The result has the shape and the values' type of the operand.
  }];
  let arguments = (ins QNN_FormattedType:$source);
  let results = (outs QNN_PlainFloat:$result);
}

def QNN_DimOp : QNN_Op<"dim"> {
  let summary = "An extent of a formatted value";
  let description = [{
    As `tensor.dim`, which takes builtin tensors only.

    - (C1) The axis is one of the tensor's.
  }];
  let arguments = (ins QNN_FormattedType:$source, I64Attr:$axis);
  let results = (outs Index:$result);
  let assemblyFormat = "$source `,` $axis attr-dict `:` qualified(type($source))";
  let hasVerifier = 1;
  let hasFolder = 1;
}

#endif // DIALECTS_QNN_IR_FORMATOPS_TD
