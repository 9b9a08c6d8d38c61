// RUN: qcc-opt %s --host-plan-arena | FileCheck %s

// The third buffer lies where the first one was; what depends on data is allocated by itself.
// CHECK: func.func @qccgen_main
// CHECK-SAME: qcc.arena_bytes = 512 : i64
// CHECK: %[[ARENA:.*]] = llvm.call @qccrt_arena(
// CHECK-DAG: llvm.getelementptr %[[ARENA]]
// CHECK: llvm.call @qccrt_alloc(
// CHECK-NOT: memref.alloc
func.func @qccgen_main(%run: !llvm.ptr) -> i32 {
  %v = arith.constant 1.0 : f32
  %a = memref.alloc() : memref<64xf32>
  linalg.fill ins(%v : f32) outs(%a : memref<64xf32>)
  %b = memref.alloc() : memref<64xf32>
  linalg.copy ins(%a : memref<64xf32>) outs(%b : memref<64xf32>)
  %c = memref.alloc() : memref<64xf32>
  linalg.copy ins(%b : memref<64xf32>) outs(%c : memref<64xf32>)
  %c0 = arith.constant 0 : index
  %x = memref.load %c[%c0] : memref<64xf32>
  %i = arith.fptosi %x : f32 to i64
  %n = arith.index_cast %i : i64 to index
  %d = memref.alloc(%n) : memref<?xf32>
  linalg.fill ins(%x : f32) outs(%d : memref<?xf32>)
  %zero = arith.constant 0 : i32
  return %zero : i32
}
