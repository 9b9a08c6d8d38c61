#ifndef DIALECTS_QNN_IR_ENUMS_TD
#define DIALECTS_QNN_IR_ENUMS_TD

include "mlir/IR/EnumAttr.td"

class QNN_Enum<string name, string summary, list<string> cases>
    : I32EnumAttr<name, summary, !foreach(i, !range(!size(cases)),
                                          I32EnumAttrCase<cases[i], i>)> {
  let cppNamespace = "::qcc::qnn";
}

def QNN_UnaryKind : QNN_Enum<"UnaryKind", "a function of one number", [
  // Of any number.
  "abs", "neg", "sign", "relu",
  // Of a float.
  "ceil", "floor", "round", "sqrt", "reciprocal", "exp", "log", "log1p", "sin",
  "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh",
  "acosh", "atanh", "erf", "sigmoid",
  // Of an integer: every bit inverted. Of i1: the logical not.
  "bitwise_not"]>;

def QNN_TestKind : QNN_Enum<"TestKind", "a property of a float",
  ["is_nan", "is_inf", "is_pos_inf", "is_neg_inf"]>;

// `mod` has the sign of the divisor (Python, ONNX fmod = 0), `fmod` that of the
// dividend (C). `div` of integers rounds toward zero. `shl` and `shr` are of
// unsigned integers; shifting by the width or more gives 0. `and`, `or`, `xor`
// are bitwise; of i1 logical. `max` and `min` give NaN if either operand is.
def QNN_BinaryKind : QNN_Enum<"BinaryKind", "a function of two numbers", [
  "add", "sub", "mul", "div", "pow", "mod", "fmod", "min", "max", "and_", "or_",
  "xor_", "shl", "shr"]>;

def QNN_CompareKind : QNN_Enum<"CompareKind", "a comparison",
  ["eq", "ne", "lt", "le", "gt", "ge"]>;

def QNN_ReduceKind : QNN_Enum<"ReduceKind", "a reduction",
  ["sum", "prod", "max", "min", "mean"]>;

def QNN_CumulateKind : QNN_Enum<"CumulateKind", "a running reduction", ["sum", "prod"]>;

def QNN_PoolKind : QNN_Enum<"PoolKind", "a reduction of windows",
  ["max", "average"]>;

def QNN_PadMode : QNN_Enum<"PadMode", "what padding holds",
  ["constant", "edge", "reflect", "wrap"]>;

def QNN_ScatterKind : QNN_Enum<"ScatterKind", "what an update does",
  ["set", "add", "mul", "min", "max"]>;

def QNN_ResizeMode : QNN_Enum<"ResizeMode", "an interpolation",
  ["nearest", "linear", "cubic"]>;

// ONNX's coordinate_transformation_mode.
def QNN_CoordinateMode : QNN_Enum<"CoordinateMode", "where outputs are sampled",
  ["half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners",
   "asymmetric", "tf_crop_and_resize"]>;

def QNN_NearestMode : QNN_Enum<"NearestMode", "how a coordinate is rounded",
  ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"]>;

def QNN_GridPadding : QNN_Enum<"GridPadding", "what lies outside the input",
  ["zeros", "border", "reflection"]>;

#endif // DIALECTS_QNN_IR_ENUMS_TD
