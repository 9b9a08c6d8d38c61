// RUN: qcc-opt %s --host-lower-to-llvm | FileCheck %s

// CHECK-DAG: llvm.mlir.global internal constant @qccgen_text_{{.*}}("index out of range\00")
llvm.func @qccrt_arena(!llvm.ptr, i64) -> !llvm.ptr
// CHECK: llvm.func @qccgen_main(%[[ARG:.*]]: !llvm.ptr) -> i32
func.func @qccgen_main(%run: !llvm.ptr) -> i32 {
  %n = llvm.mlir.constant(64 : i64) : i64
  // CHECK: %[[P:.*]] = llvm.call @qccrt_arena
  // CHECK: %[[NULL:.*]] = llvm.icmp "eq" %[[P]]
  // CHECK: llvm.cond_br %[[NULL]], ^[[EXIT:.*]], ^[[NEXT:.*]]
  %p = llvm.call @qccrt_arena(%run, %n) : (!llvm.ptr, i64) -> !llvm.ptr
  // CHECK: ^[[NEXT]]:
  // CHECK: llvm.cond_br %{{.*}}, ^{{.*}}, ^[[FAIL:.*]]
  %x = llvm.load %p : !llvm.ptr -> i1
  cf.assert %x, "index out of range"
  %zero = arith.constant 0 : i32
  // CHECK: ^[[FAIL]]:
  // CHECK: llvm.call @qccrt_fail(%[[ARG]]
  return %zero : i32
}
