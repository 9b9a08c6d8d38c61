#ifndef DIALECTS_QNN_IR_ELEMENTWISEOPS_TD
#define DIALECTS_QNN_IR_ELEMENTWISEOPS_TD

include "dialects/QNN/IR/OpBase.td"

// Operands are broadcast as in NumPy: shapes are aligned at their innermost axes,
// and an extent that is statically 1 stands for any. Two dynamic extents that meet
// are equal; where a model does not guarantee it, `qnn.expand` stands before.
class QNN_ElementwiseOp<string mnemonic, list<Trait> traits = []>
    : QNN_ShapedOp<mnemonic, traits>;

def QNN_UnaryOp : QNN_ElementwiseOp<"unary", [Work]> {
  let summary = "A function of each element: `qnn.unary exp %x`";
  let description = [{
    `round` goes to the nearest and of two equally near to the even integer. `relu`
    of NaN is NaN.

    - (C1) The result has the type of the operand, in plain form.
    - (C2) The function is one of such elements: `abs`, `neg`, `sign` and `relu` of
      any number but i1, `bitwise_not` of integers, the others of floats.
  }];
  let arguments = (ins QNN_UnaryKind:$kind, QNN_Plain:$input);
  let results = (outs QNN_Plain:$result);
  let assemblyFormat =
      "$kind $input attr-dict `:` functional-type($input, $result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def QNN_TestOp : QNN_ElementwiseOp<"test", [Work]> {
  let summary = "A property of each element: `qnn.test is_nan %x`";
  let description = [{
    - (C1) The result has the shape of the operand and elements i1.
  }];
  let arguments = (ins QNN_TestKind:$kind, QNN_PlainFloat:$input);
  let results = (outs QNN_PlainBool:$result);
  let assemblyFormat =
      "$kind $input attr-dict `:` functional-type($input, $result)";
}

def QNN_BinaryOp : QNN_ElementwiseOp<"binary", [Work]> {
  let summary = "A function of each pair of elements: `qnn.binary add %x, %y`";
  let description = [{
    - (C1) The operands have one element type, and the result has it; the exponent of
      `pow` may have another.
    - (C2) The shapes can be broadcast.
    - (C3) The function is one of such elements: `and_`, `or_`, `xor_` of integers,
      `shl`, `shr` of unsigned integers, the others of any number but i1.
  }];
  let arguments = (ins QNN_BinaryKind:$kind, QNN_Plain:$lhs, QNN_Plain:$rhs);
  let results = (outs QNN_Plain:$result);
  let assemblyFormat = [{
    $kind $lhs `,` $rhs attr-dict `:` functional-type(operands, $result)
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
}

def QNN_CompareOp : QNN_ElementwiseOp<"compare", [Work]> {
  let summary = "A comparison of each pair of elements: `qnn.compare lt %x, %y`";
  let description = [{
    NaN is unequal to all and neither less nor greater.

    - (C1) The operands have one element type.
    - (C2) The shapes can be broadcast.
  }];
  let arguments = (ins QNN_CompareKind:$kind, QNN_Plain:$lhs, QNN_Plain:$rhs);
  let results = (outs QNN_PlainBool:$result);
  let assemblyFormat = [{
    $kind $lhs `,` $rhs attr-dict `:` functional-type(operands, $result)
  }];
  let hasVerifier = 1;
}

def QNN_SelectOp : QNN_ElementwiseOp<"select", [Work]> {
  let summary = "An element of one tensor or of another, by a condition";
  let description = [{
    - (C1) The two tensors have one element type.
    - (C2) The shapes can be broadcast.
  }];
  let arguments = (ins QNN_PlainBool:$condition, QNN_Plain:$true_value,
                       QNN_Plain:$false_value);
  let results = (outs QNN_Plain:$result);
  let hasVerifier = 1;
}

def QNN_CastOp : QNN_Op<"cast", [Work, ReifyShape]> {
  let summary = "The same numbers in another element type";
  let description = [{
    To an integer: toward zero; between integers: modulo 2^bits. To i1: not zero. To a
    float: to nearest, ties to even. To a float of 8 bits or fewer beyond its largest
    number: that number if `saturate`, else infinity or NaN; NaN where the type has none:
    the largest number. To f8E8M0FNU: `up` (default), `down` or `nearest` as `round_mode`
    says, of the magnitude; less than 2^-127 is that if `saturate`, else NaN.

    - (C1) The result has the shape of the operand.
  }];
  let arguments = (ins QNN_Plain:$input, DefaultValuedAttr<BoolAttr, "true">:$saturate,
                       OptionalAttr<StrAttr>:$round_mode);
  let results = (outs QNN_Plain:$result);
  let hasVerifier = 1;
  let hasFolder = 1;
}

def QNN_BitcastOp : QNN_Op<"bitcast", [Work, ReifyShape]> {
  let summary = "The same bits as another element type";
  let description = [{
    - (C1) The result has the shape of the operand.
    - (C2) The element types have the same width.
  }];
  let arguments = (ins QNN_Plain:$input);
  let results = (outs QNN_Plain:$result);
  let hasVerifier = 1;
  let hasFolder = 1;
}

#endif // DIALECTS_QNN_IR_ELEMENTWISEOPS_TD
