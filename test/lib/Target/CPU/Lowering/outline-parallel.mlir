// RUN: qcc-opt %s --cpu-outline-parallel | FileCheck %s

// Two loops that are alike share a function; whole buffers do not overlap.
// CHECK: func.func private @qccgen_loop_0(%[[B:.*]]: index, %[[E:.*]]: index, %{{.*}}: f32, %{{.*}}: memref<?xf32> {llvm.noalias}
// CHECK-SAME: attributes {qcc.parallel}
// CHECK: scf.for %{{.*}} = %[[B]] to %[[E]]
// CHECK-NOT: func.func private
// CHECK: func.func @qccgen_main
func.func @qccgen_main(%run: !llvm.ptr) -> i32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c100 = arith.constant 100 : index
  %v = llvm.mlir.constant(1.0 : f32) : f32
  %w = llvm.fadd %v, %v : f32
  %n = llvm.mlir.poison : i64
  %size = arith.index_cast %n : i64 to index
  %a = memref.alloc(%size) : memref<?xf32>
  %b = memref.alloc(%size) : memref<?xf32>
  // CHECK: call @qccgen_loop_0({{.*}} {qcc.grain = 8192 : i64}
  scf.parallel (%i) = (%c0) to (%size) step (%c1) {
    memref.store %w, %a[%i] : memref<?xf32>
  } {qcc.work = 8 : i64}
  // CHECK: call @qccgen_loop_0(
  scf.parallel (%i) = (%c0) to (%size) step (%c1) {
    memref.store %w, %b[%i] : memref<?xf32>
  } {qcc.work = 8 : i64}
  // Little work stays.
  // CHECK: scf.for
  scf.parallel (%i) = (%c0) to (%c100) step (%c1) {
    memref.store %w, %b[%i] : memref<?xf32>
  } {qcc.work = 1 : i64}
  %zero = arith.constant 0 : i32
  return %zero : i32
}
