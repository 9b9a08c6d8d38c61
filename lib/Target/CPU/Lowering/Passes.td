#ifndef LIB_TARGET_CPU_LOWERING_PASSES_TD
#define LIB_TARGET_CPU_LOWERING_PASSES_TD

include "mlir/Pass/PassBase.td"

class CPUPass<string flag> : Pass<flag, "::mlir::ModuleOp">;

def Bufferize : CPUPass<"cpu-bufferize"> {
  let summary = "Give every tensor a place in memory";
  let description = [{
    Upstream's one-shot bufferization with dense row-major memory at the function's
    border, after tensors that are only inserted into another one were made to be
    computed there. Nothing is freed: `host-plan-arena` gives all of it one place.
    Empty and filled tensors that are written several times were merged when they
    were values; each writer gets its own, whose life is short.
    Allocations that hold decoded weights get the mark `qcc.decoded_weights`.

    ```mlir
    func.func @main(%x: tensor<?xf32>) -> tensor<?xf32> {
      %init = tensor.empty(%n) : tensor<?xf32>
      %y = linalg.generic {...} ins(%x : ...) outs(%init : ...) {...} -> tensor<?xf32>
      return %y : tensor<?xf32>
    }
    ```
    becomes
    ```mlir
    func.func @main(%x: memref<?xf32>) -> memref<?xf32> {
      %y = memref.alloc(%n) {alignment = 64 : i64} : memref<?xf32>
      linalg.generic {...} ins(%x : ...) outs(%y : ...) {...}
      return %y : memref<?xf32>
    }
    ```
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::memref::MemRefDialect"];
}

def LowerLoops : CPUPass<"cpu-lower-loops"> {
  let summary = "Lower structured ops on memory to loops, outermost ones parallel";
  let description = [{
    Axes that every operand runs through in order become one. Leading parallel loops
    become an `scf.parallel`; an innermost reduction carries its accumulators in
    registers, and sums of floats there may be reassociated, which lets LLVM use
    vectors. A copy that turns rows into columns goes by square tiles, transposed in
    registers. `qcc.work` estimates the scalar operations of one iteration.

    ```mlir
    linalg.generic {...} ins(%x : memref<?x8xf32>) outs(%y : memref<?x8xf32>) {
      ^bb0(%a: f32, %b: f32):
        %0 = arith.negf %a : f32
        linalg.yield %0 : f32
    }
    ```
    becomes
    ```mlir
    scf.parallel (%i) = (%c0) to (%n) step (%c1) {
      %a = memref.load %x1[%i] : memref<?xf32>
      %0 = arith.negf %a : f32
      memref.store %0, %y1[%i] : memref<?xf32>
    } {qcc.work = 1 : i64}
    ```
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect"];
}

def OutlineParallel : CPUPass<"cpu-outline-parallel"> {
  let summary = "Make each outermost parallel loop a function over a range";
  let description = [{
    The function takes the range and what the loop uses from outside; views are made
    inside it, so that its memory arguments are whole buffers, which do not overlap
    unless they are one. Loops that are alike share a function. Parallel loops inside
    become sequential.

    ```mlir
    scf.parallel (%i) = (%c0) to (%n) step (%c1) {
      memref.store %v, %y[%i] : memref<?xf32>
    }
    ```
    becomes
    ```mlir
    func.call @qccgen_loop_0(%c0, %n, %v, %y) {qcc.grain = 8192 : i64} : ...

    func.func private @qccgen_loop_0(%begin: index, %end: index, %v: f32,
                                     %y: memref<?xf32> {llvm.noalias})
        attributes {qcc.parallel} {
      scf.for %i = %begin to %end step %c1 {
        memref.store %v, %y[%i] : memref<?xf32>
      }
      return
    }
    ```
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect",
                           "::mlir::func::FuncDialect",
                           "::mlir::scf::SCFDialect"];
  let statistics = [
    Statistic<"numFunctions", "num-functions", "Number of functions made">,
    Statistic<"numShared", "num-shared", "Number of loops that share one">,
  ];
}

def ExpandMath : CPUPass<"cpu-expand-math"> {
  let summary = "Compute functions of f32 by polynomials";
  let description = [{
    Straight-line code that LLVM can vectorize, exact to a few units in the last
    place, in place of calls to libm. Functions of f64 stay calls. Rounding to bf16 and
    widening from it are such code too, exact also where an instruction for it takes subnormal numbers for 0.
    Where the module's target has no fused multiply-add, the code multiplies and adds.

    ```mlir
    %y = math.exp %x : f32
    ```
    becomes
    ```mlir
    %n = math.roundeven %scaled : f32
    ...
    %y = arith.mulf %polynomial, %power : f32
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::vector::VectorDialect"];
}

#endif // LIB_TARGET_CPU_LOWERING_PASSES_TD
