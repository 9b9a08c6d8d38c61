#ifndef LIB_TARGET_CPU_KERNELS_PASSES_TD
#define LIB_TARGET_CPU_KERNELS_PASSES_TD

include "mlir/Pass/PassBase.td"

def ExpandContract : Pass<"cpu-expand-contract", "::mlir::ModuleOp"> {
  let summary = "Replace contractions on memory by loops around register tiles";
  let description = [{
    Each `qnn.contract` on memrefs becomes an `scf.parallel` over blocks of output
    rows and panels of channels, whose body calls a private function: the kernel that
    the op's `#qnn.kernel` names, with the tile that it gives. Contractions with the
    same kernel, tile and epilogue share one function, since extents and strides are
    its arguments.

    ```mlir
    qnn.contract ins(%x, %w : memref<?x64xf32>, memref<4096xf32>)
        extras(%b : memref<64xf32>) outs(%y : memref<?x64xf32>)
        attributes {kernel = #qnn.kernel<"direct_f32_avx512", acc = f32,
          tile = [6, 4, 16, 4, 96, 0]>, ...} {...}
    ```
    becomes
    ```mlir
    scf.parallel (%block, %panel) = (%c0, %c0) to (%blocks, %c1) step (%c1, %c1) {
      func.call @kernel_direct_f32_avx512_0(%x1, %w1, %b1, %y1, %begin, %end, ...)
      scf.reduce
    }
    ```

    Of a product of activations each work item packs its panel of the right operand into
    a buffer of its own.

    docs/kernels.md has the names of kernels and what the elements of a tile mean. An op
    without a kernel, or with one that the pass does not know, is an error.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
    "::mlir::LLVM::LLVMDialect", "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"
  ];
  let statistics = [
    Statistic<"numContracts", "num-contracts", "Number of contractions expanded">,
    Statistic<"numFunctions", "num-functions", "Number of kernel functions made">,
  ];
}

def CopyOperands : Pass<"cpu-copy-operands", "::mlir::ModuleOp"> {
  let summary = "Copy what no kernel can read where it lies";
  let description = [{
    Kernels read the innermost axis of the operands of a `qnn.contract` side by side in
    memory, and where weights are packed by lines of the window the pixels of the input,
    too. A view that has gaps there is copied before the op. What is written is never
    copied.

    ```mlir
    %x = memref.subview %all[0, 0] [4, 64] [1, 2] : ... to memref<4x64xf32, strided<[128, 2]>>
    qnn.contract ins(%x, %w : memref<4x64xf32, strided<[128, 2]>>, memref<8192xi8>) ...
    ```
    becomes
    ```mlir
    %x = memref.subview %all[0, 0] [4, 64] [1, 2] : ... to memref<4x64xf32, strided<[128, 2]>>
    %copy = memref.alloc() {alignment = 64 : i64} : memref<4x64xf32>
    memref.copy %x, %copy
    qnn.contract ins(%copy, %w : memref<4x64xf32>, memref<8192xi8>) ...
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect"];
  let statistics = [
    Statistic<"numCopies", "num-copies", "Number of operands copied">,
  ];
}

def PackWeights : Pass<"cpu-pack-weights", "::mlir::ModuleOp"> {
  let summary = "Store constant weights in the order in which kernels read them";
  let description = [{
    The weights of each `qnn.contract` on tensors become one constant of bytes: the
    stream that the op's kernel reads, described in docs/kernels.md.

    ```mlir
    %w = arith.constant dense_resource<w> : tensor<64x3x3x64xf32>
    %y = qnn.contract ins(%x, %w : tensor<1x9x9x64xf32>, tensor<64x3x3x64xf32>) ...
    ```
    becomes
    ```mlir
    %w = arith.constant dense_resource<packed> : tensor<147456xi8>
    %y = qnn.contract ins(%x, %w : tensor<1x9x9x64xf32>, tensor<147456xi8>) ...
    ```

    Formatted weights are read through `qnn.decode_stored`, perhaps with a reshape
    after it: codes and scales go into the stream as they are, and nothing is
    decoded. Weights that are not constant are an error.

    Kernels of block sums (`i8blk`) also get the sums of their input's codes, which what
    is taken off stored codes is multiplied by: ops of their own, so that contractions
    that read one activation share them.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::qcc::qnn::QNNDialect"];
  let statistics = [
    Statistic<"numPacked", "num-packed", "Number of constants packed">,
    Statistic<"numBytes", "num-bytes", "Bytes of packed constants">,
  ];
}

#endif // LIB_TARGET_CPU_KERNELS_PASSES_TD
