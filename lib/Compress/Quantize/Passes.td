#ifndef LIB_COMPRESS_QUANTIZE_PASSES_TD
#define LIB_COMPRESS_QUANTIZE_PASSES_TD

include "mlir/Pass/PassBase.td"

def QuantizeWeights : Pass<"qnn-quantize-weights", "::mlir::ModuleOp"> {
  let summary = "Store constant weights in the format that the user names";
  let description = [{
    Puts `qnn.encode_auto` and `qnn.decode` between each constant of at least 4096 f32
    values and the contraction or gather that reads it. The constant is brought into
    the form of a matrix first, [outputs, reduction], so that a row is stored side by
    side and groups lie along the reduction:

    | weights of | constant | formatted matrix |
    | --- | --- | --- |
    | `qnn.matmul` | [K, N] or, with `transpose_b`, [N, K] | [N, K] |
    | `qnn.conv` | [K, C / groups, window...] | [K, window... * C / groups], channels innermost |
    | `qnn.gather` along axis 0 | [V, D] | [V, D] |

    ```mlir
    %w = arith.constant dense_resource<w> : tensor<64x64x3x3xf32>
    %y = qnn.conv %x, %w {...} : (tensor<?x64x?x?xf32>, tensor<64x64x3x3xf32>) -> ...
    ```
    becomes, with `format=int4:g32`,
    ```mlir
    %0 = qnn.transpose %w {permutation = array<i64: 0, 2, 3, 1>} : ... -> tensor<64x3x3x64xf32>
    %1 = qnn.reshape %0 [64, 576] : (tensor<64x3x3x64xf32>) -> tensor<64x576xf32>
    %2 = qnn.encode_auto %1 : (tensor<64x576xf32>)
      -> !qnn.tensor<64x576xf32, uint4, block<1x32, f16, zero = 8>, dense>
    %3 = qnn.decode %2 : (!qnn.tensor<...>) -> tensor<64x576xf32>
    %4 = qnn.reshape %3 [64, 3, 3, 64] : (tensor<64x576xf32>) -> tensor<64x3x3x64xf32>
    %5 = qnn.transpose %4 {permutation = array<i64: 0, 3, 1, 2>} : ... -> tensor<64x64x3x3xf32>
    %y = qnn.conv %x, %5 {...}
    ```
    Constant folding then evaluates what stands before the `decode`, which stays: a
    kernel decodes inside its loops.

    A `gather` reads rows of the components and decodes those only. A constant that
    several ops read in the same form is encoded once. Other constants, and weights of
    a quantized model, stay as they are.
  }];
  let dependentDialects = ["::qcc::qnn::QNNDialect"];
  let options = [
    Option<"format", "format", "std::string", "\"\"",
           "CODEC[:gN|:axis|:tensor], as of --weights">,
  ];
  let statistics = [
    Statistic<"numWeights", "num-weights", "Number of constants that get the format">,
  ];
}

def QuantizeActivations : Pass<"qnn-quantize-activations", "::mlir::ModuleOp"> {
  let summary = "Quantize at run time what is multiplied by quantized weights";
  let description = [{
    The left operand of each matrix product whose right one is decoded from a format,
    by `qnn-quantize-weights` or in a quantized model, is encoded with a scale for each
    row, which is computed at run time. Axes before the innermost are collapsed first,
    so that a row is a token.

    ```mlir
    %y = qnn.matmul %x, %w {transpose_b}
      : (tensor<1x?x384xf32>, tensor<1536x384xf32>) -> tensor<1x?x1536xf32>
    ```
    becomes, with `format=int8:dynamic:token`,
    ```mlir
    %0 = qnn.reshape %x [%n, 384] : (tensor<1x?x384xf32>) -> tensor<?x384xf32>
    %1 = qnn.encode_auto %0 : (tensor<?x384xf32>)
      -> !qnn.tensor<?x384xf32, int8, axis<0, f32>, dense>
    %2 = qnn.decode %1 : (!qnn.tensor<...>) -> tensor<?x384xf32>
    %3 = qnn.matmul %2, %w {transpose_b}
      : (tensor<?x384xf32>, tensor<1536x384xf32>) -> tensor<?x1536xf32>
    %y = qnn.reshape %3 [1, %n, 1536] : (tensor<?x1536xf32>) -> tensor<1x?x1536xf32>
    ```

    Convolutions keep their activations: a window covers several tokens, and their
    scales could not leave the sum.
  }];
  let dependentDialects = ["::qcc::qnn::QNNDialect", "::mlir::affine::AffineDialect",
                           "::mlir::tensor::TensorDialect"];
  let options = [
    Option<"format", "format", "std::string", "\"\"",
           "int8:dynamic:token, as of --activations">,
  ];
  let statistics = [
    Statistic<"numActivations", "num-activations", "Number of operands that get the format">,
  ];
}

#endif // LIB_COMPRESS_QUANTIZE_PASSES_TD
