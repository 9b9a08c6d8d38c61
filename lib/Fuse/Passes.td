#ifndef LIB_FUSE_PASSES_TD
#define LIB_FUSE_PASSES_TD

include "mlir/Pass/PassBase.td"

def FuseElementwise : Pass<"fuse-elementwise", "::mlir::func::FuncOp"> {
  let summary = "Compute elementwise producers where their one consumer reads them";
  let description = [{
    Upstream's fusion of `linalg.generic`, with a policy: a producer goes into its
    consumer if that is its only reader and reads each element once. Where the consumer
    broadcasts it, or reduces it again for each result, only conversions and integer
    arithmetic are repeated, never a division or a function. Weights decoded outside a
    kernel always go into what reads them, each reader having its own: no memory holds
    them decoded.

    ```mlir
    %0 = linalg.generic {... parallel} ins(%x) { exp }
    %1 = linalg.generic {... parallel} ins(%0, %y) { addf }
    ```
    becomes
    ```mlir
    %1 = linalg.generic {... parallel} ins(%x, %y) { exp; addf }
    ```

    Reshapes do not stand between: a loop over [B * S, K] becomes one over [B, S, K] or
    the other way, whichever its contraction has (see fuse-epilogue).
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::tensor::TensorDialect"
  ];
}

def FuseEpilogue : Pass<"fuse-epilogue", "::mlir::func::FuncOp"> {
  let summary = "Move elementwise consumers of a contraction into its region";
  let description = [{
    A parallel `linalg.generic` that is the one reader of a `qnn.contract` becomes part of
    its epilogue if it reads, beside the contraction, only tensors of the same extents,
    one element for each row or pixel, one for each channel, or one element. Reshapes between the two are moved
    behind the consumer.

    ```mlir
    %0 = qnn.contract ins(%x, %w) outs(%i) {...} { ^bb0(%acc): qnn.yield %acc }
    %1 = linalg.generic {... parallel} ins(%0, %r) { addf; maximumf }
    ```
    becomes
    ```mlir
    %1 = qnn.contract ins(%x, %w) extras(%r) outs(%j) {...} {
    ^bb0(%acc, %r0):
      %2 = arith.addf %acc, %r0
      %3 = arith.maximumf %2, %zero
      qnn.yield %3
    }
    ```
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::tensor::TensorDialect"
  ];
  let statistics = [
    Statistic<"numFused", "num-fused", "Number of consumers moved">,
  ];
}

def RecordGroups : Pass<"fuse-record-groups", "::mlir::ModuleOp"> {
  let summary = "Write down what each loop and contraction computes after fusion";
  let description = [{
    A location that fusion has joined from several ops names all that one loop computes.
    The module's attribute `qcc.groups` holds the locations of loops and contractions in
    their order: what compares a program with its model, or reports on it, reads there
    what was fused and has no opinion of its own.

    ```mlir
    %1 = qnn.contract ... loc(fused["conv", "relu"])
    %2 = linalg.generic ... loc("softmax")
    ```
    becomes
    ```mlir
    module attributes {qcc.groups = [loc(fused["conv", "relu"]), loc("softmax")]} {
    ```
  }];
}

#endif // LIB_FUSE_PASSES_TD
