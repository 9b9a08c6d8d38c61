#ifndef LIB_HOST_PASSES_TD
#define LIB_HOST_PASSES_TD

include "mlir/Pass/PassBase.td"

class HostPass<string flag> : Pass<flag, "::mlir::ModuleOp">;

def RecordInterface : HostPass<"host-record-interface"> {
  let summary = "Keep what the user sees of main as attributes of the module";
  let description = [{
    Types lose their signs and main its signature while it is lowered; emission still
    has to tell the model's users what its inputs and outputs are.

    ```mlir
    module {
      func.func @main(%x: tensor<?x8xui8> {qcc.name = "x", qcc.extents = ["n", 8]})
    ```
    becomes
    ```mlir
    module attributes {qcc.inputs = [{extents = ["n", 8], name = "x",
      func.func @main(%x: tensor<?x8xui8> {...})
      func.func @main(%x: tensor<?x8xui8> {qcc.name = "x", qcc.extents = ["n", 8]})
    ```
  }];
}

def LowerEntry : HostPass<"host-lower-entry"> {
  let summary = "Take inputs from the runtime and compute outputs in its memory";
  let description = [{
    `main` becomes `qccgen_main(run) -> i32`. Inputs and their extents are asked of
    the runtime. A result is computed in memory that `qccrt_output` gives as soon as
    its extents are known; one that is no allocation of its own (an input, a constant,
    a part of something) is copied there at the end.

    ```mlir
    func.func @main(%x: memref<?xf32>) -> memref<?xf32> {
      %n = memref.dim %x, %c0 : memref<?xf32>
      %y = memref.alloc(%n) : memref<?xf32>
      ...
      return %y : memref<?xf32>
    }
    ```
    becomes
    ```mlir
    func.func @qccgen_main(%run: !llvm.ptr) -> i32 {
      %p = llvm.call @qccrt_input(%run, %c0) : (!llvm.ptr, i32) -> !llvm.ptr
      %d = llvm.call @qccrt_input_dim(%run, %c0, %c0) : (!llvm.ptr, i32, i32) -> i64
      %x = builtin.unrealized_conversion_cast ... to memref<?xf32>
      %q = llvm.call @qccrt_output(%run, %c0, %rank, %dims) : ... -> !llvm.ptr
      ...
      return %zero : i32
    }
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::memref::MemRefDialect"];
}

def PlanArena : HostPass<"host-plan-arena"> {
  let summary = "Place all intermediate buffers in one arena";
  let description = [{
    Rewrites what `lib/Analysis/BufferPlan` plans, in loops and branches too, once the
    plan's verifier has nothing against it. A buffer of static extents mostly has a
    constant place; one whose extents inputs tell begins where the highest of those
    below it ends, computed on entry. A buffer whose size depends on data, or which a
    loop hands to its next iteration, is taken from `qccrt_alloc` where it is made and
    given back by `qccrt_release` behind its last use.

    ```mlir
    func.func @qccgen_main(%run: !llvm.ptr) -> i32 {
      %a = memref.alloc() {alignment = 64 : i64} : memref<64xf32>
      ...
    }
    ```
    becomes
    ```mlir
    func.func @qccgen_main(%run: !llvm.ptr) -> i32
        attributes {qcc.arena_bytes = 256 : i64} {
      %p = llvm.call @qccrt_arena(%run, %bytes) : (!llvm.ptr, i64) -> !llvm.ptr
      %q = llvm.getelementptr %p[%offset] : (!llvm.ptr, i64) -> !llvm.ptr, i8
      %a = builtin.unrealized_conversion_cast ... to memref<64xf32>
      ...
    }
    ```
    The attribute holds the part of the plan that needs no extent.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::arith::ArithDialect"];
}

def VerifyMemory : HostPass<"host-verify-memory"> {
  let summary = "Check what buffers hold and where they come from";
  let description = [{
    Refuses an allocation of more than 256 KiB that bufferization marked as decoded
    weights, and any `memref.alloc` left over after `host-plan-arena`.

    ```mlir
    %w = memref.alloc() {qcc.decoded_weights} : memref<4096x4096xf32> // refused
    ```
    The module itself is left as it is.
  }];
  let options = [
    Option<"allowAllocs", "allow-allocs", "bool", "false",
           "Whether plain allocations are still there: before host-plan-arena">,
  ];
}

def LowerCalls : HostPass<"host-lower-calls"> {
  let summary = "Pass plain pointers and extents to outlined loops";
  let description = [{
    A memory argument becomes a pointer and its dynamic extents. A call with a grain
    becomes a call of `qccrt_parallel` on a function that reads the arguments from a
    struct.

    ```mlir
    func.call @qccgen_loop_0(%c0, %n, %y) {qcc.grain = 8192 : i64}
        : (index, index, memref<?xf32>) -> ()
    ```
    becomes
    ```mlir
    %context = llvm.alloca %one x !llvm.struct<(ptr, i64)> : (i32) -> !llvm.ptr
    ...
    llvm.call @qccrt_parallel(%run, %body, %context, %n, %grain) : ...
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect"];
}

def LowerReshapes : HostPass<"host-lower-reshapes"> {
  let summary = "Give dense buffers their new extents";
  let description = [{
    The same memory under other extents, of which any number may be dynamic; upstream's
    expansion of reshapes knows one in each group.

    ```mlir
    %y = memref.expand_shape %x [[0, 1]] output_shape [%a, %b]
        : memref<?xf32> into memref<?x?xf32>
    ```
    becomes
    ```mlir
    %d = builtin.unrealized_conversion_cast %x : memref<?xf32> to !llvm.struct<...>
    %p = llvm.extractvalue %d[1] : !llvm.struct<...>
    ...
    %y = builtin.unrealized_conversion_cast %e : !llvm.struct<...> to memref<?x?xf32>
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::arith::ArithDialect"];
}

def LowerConstants : HostPass<"host-lower-constants"> {
  let summary = "Address large constants in the runtime's block of constants";
  let description = [{
    A `memref.global` of more than 4 KiB or over a resource is removed, and what reads
    it points into the memory that `qccrt_constants` returns. Offsets are multiples of
    64 bytes, in the order of the globals; the compiler's caller writes the bytes
    there.

    ```mlir
    %w = memref.get_global @w : memref<64x64xf32>
    ```
    becomes
    ```mlir
    %p = llvm.call @qccrt_constants(%run) : (!llvm.ptr) -> !llvm.ptr
    %q = llvm.getelementptr %p[0] : (!llvm.ptr) -> !llvm.ptr, i8
    %w = builtin.unrealized_conversion_cast ... to memref<64x64xf32>
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def LowerToLLVM : HostPass<"host-lower-to-llvm"> {
  let summary = "Convert scalars, memory and control flow to the LLVM dialect";
  let description = [{
    One conversion of arith, math, cf, func, memref, index and vector ops. A
    `cf.assert` of `qccgen_main` becomes a call of `qccrt_fail` and a return; so does a
    NULL or the status of a device's failure from the runtime, which has recorded the
    error itself.

    ```mlir
    cf.assert %ok, "index out of range"
    ```
    becomes
    ```mlir
      llvm.cond_br %ok, ^next, ^fail
    ^fail:
      llvm.call @qccrt_fail(%run, %message) : (!llvm.ptr, !llvm.ptr) -> ()
      llvm.return %one : i32
    ^next:
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::cf::ControlFlowDialect"];
}

#endif // LIB_HOST_PASSES_TD
