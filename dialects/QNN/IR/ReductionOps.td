#ifndef DIALECTS_QNN_IR_REDUCTIONOPS_TD
#define DIALECTS_QNN_IR_REDUCTIONOPS_TD

include "dialects/QNN/IR/OpBase.td"

def QNN_ReduceOp : QNN_ShapedOp<"reduce", [Work]> {
  let summary = "Elements combined along axes: `qnn.reduce sum %x {axes = ...}`";
  let description = [{
    Reduced axes keep an extent of 1 if `keep_dims`, else they vanish. Over no elements
    `sum` is 0, `prod` 1, `max` the lowest and `min` the highest number (infinities for
    floats), `mean` NaN. `max` and `min` of NaN are NaN. f16 and bf16 accumulate in f32.
    On i1, `max` is or, `min` is and.

    - (C1) The axes are distinct axes of the input, ascending.
    - (C2) Only `max` and `min` reduce i1.
  }];
  let arguments = (ins QNN_ReduceKind:$kind, QNN_Plain:$input,
                       DenseI64ArrayAttr:$axes,
                       DefaultValuedAttr<BoolAttr, "false">:$keep_dims);
  let results = (outs QNN_Plain:$result);
  let assemblyFormat = [{
    $kind $input attr-dict `:` functional-type($input, $result)
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
}

def QNN_ArgReduceOp : QNN_ShapedOp<"arg_reduce", [Work]> {
  let summary = "Where along an axis the largest or smallest element stands, as i64";
  let description = [{
    Of equal elements the first, or the last if `select_last`. The axis keeps an extent
    of 1 if `keep_dims`, else it vanishes. `kind` is `max` or `min`.

    - (C1) The axis is one of the input's.
    - (C2) The kind is `max` or `min`.
  }];
  let arguments = (ins QNN_ReduceKind:$kind, QNN_Plain:$input, I64Attr:$axis,
                       DefaultValuedAttr<BoolAttr, "false">:$keep_dims,
                       DefaultValuedAttr<BoolAttr, "false">:$select_last);
  let results = (outs QNN_Plain:$result);
  let assemblyFormat = [{
    $kind $input attr-dict `:` functional-type($input, $result)
  }];
  let hasVerifier = 1;
}

def QNN_CumulateOp : QNN_ShapedOp<"cumulate", [Work]> {
  let summary = "Running sum or product along an axis";
  let description = [{
    `exclusive` leaves out the element itself, `reverse` runs from the end.

    - (C1) The axis is one of the input's.
  }];
  let arguments = (ins QNN_CumulateKind:$kind, QNN_Plain:$input, I64Attr:$axis,
                       DefaultValuedAttr<BoolAttr, "false">:$exclusive,
                       DefaultValuedAttr<BoolAttr, "false">:$reverse);
  let results = (outs QNN_Plain:$result);
  let assemblyFormat = [{
    $kind $input attr-dict `:` functional-type($input, $result)
  }];
  let hasVerifier = 1;
}

#endif // DIALECTS_QNN_IR_REDUCTIONOPS_TD
