include "mlir/Pass/PassBase.td"

def Pow2Weights : Pass<"pow2-weights", "::mlir::ModuleOp"> {
  let summary = "Store constant weights of matrix products as powers of two";
  let dependentDialects = ["::qcc::qnn::QNNDialect"];
}
