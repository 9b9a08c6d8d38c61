#ifndef LIB_CONVERSION_QNNTOLINALG_PASSES_TD
#define LIB_CONVERSION_QNNTOLINALG_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertQNNToLinalg : Pass<"convert-qnn-to-linalg", "::mlir::ModuleOp"> {
  let summary = "Lower phase storage to linalg, tensor and scf";
  let description = [{
    Every qnn op but `qnn.contract`, which is a kernel of its own, becomes structured
    loops on tensors. Afterwards an element type is what memory holds: integers are
    signless, integers of fewer than 8 bits and floats of at most 8 bits are bytes.

    ```mlir
    func.func @main(%x: tensor<?x8xui8>) -> tensor<?x8xui8> {
      %0 = qnn.binary max %x, %x : (tensor<?x8xui8>, tensor<?x8xui8>) -> tensor<?x8xui8>
      return %0 : tensor<?x8xui8>
    }
    ```
    becomes
    ```mlir
    func.func @main(%x: tensor<?x8xi8>) -> tensor<?x8xi8> {
      %n = tensor.dim %x, %c0 : tensor<?x8xi8>
      %init = tensor.empty(%n) : tensor<?x8xi8>
      %0 = linalg.generic {...} ins(%x, %x : ...) outs(%init : ...) {
        ^bb0(%a: i8, %b: i8, %out: i8):
          %m = arith.maxui %a, %b : i8
          linalg.yield %m : i8
      } -> tensor<?x8xi8>
      return %0 : tensor<?x8xi8>
    }
    ```

    An index that data can put out of range is clamped where it is used, and checked
    before by a `cf.assert`, which is an error of the run.
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::cf::ControlFlowDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::math::MathDialect", "::mlir::scf::SCFDialect",
    "::mlir::tensor::TensorDialect"];
  let statistics = [
    Statistic<"numLowered", "num-lowered", "Number of qnn ops lowered">,
  ];
}

#endif // LIB_CONVERSION_QNNTOLINALG_PASSES_TD
