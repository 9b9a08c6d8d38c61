// RUN: qcc-opt %s --split-input-file --host-lower-to-llvm | FileCheck %s

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

// -----

// A device's address is 0 and its status is not, where it has failed.

llvm.func @qccrt_device_alloc(!llvm.ptr, i32, i32, i64) -> i64
llvm.func @qccrt_device_wait(!llvm.ptr, i32) -> i32
// CHECK: llvm.func @qccgen_main
func.func @qccgen_main(%run: !llvm.ptr) -> i32 {
  %n = llvm.mlir.constant(64 : i64) : i64
  %zero = arith.constant 0 : i32
  // CHECK: %[[P:.*]] = llvm.call @qccrt_device_alloc
  // CHECK: %[[NULL:.*]] = llvm.icmp "eq" %[[P]]
  // CHECK: llvm.cond_br %[[NULL]], ^[[EXIT:.*]], ^
  %p = llvm.call @qccrt_device_alloc(%run, %zero, %zero, %n)
      : (!llvm.ptr, i32, i32, i64) -> i64
  // CHECK: %[[S:.*]] = llvm.call @qccrt_device_wait
  // CHECK: %[[FAILED:.*]] = llvm.icmp "ne" %[[S]]
  // CHECK: llvm.cond_br %[[FAILED]], ^[[EXIT]], ^
  %s = llvm.call @qccrt_device_wait(%run, %zero) : (!llvm.ptr, i32) -> i32
  return %zero : i32
}
