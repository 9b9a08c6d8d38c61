// RUN: qcc-opt %s --host-plan-arena --split-input-file | FileCheck %s

// The third buffer lies where the first one was; what depends on data is taken where it is made and given back.
// CHECK-LABEL: func.func @qccgen_main
// CHECK-SAME: qcc.arena_bytes = 512 : i64
// CHECK: %[[ARENA:.*]] = llvm.call @qccrt_arena(
// CHECK-DAG: llvm.getelementptr %[[ARENA]]
// CHECK: llvm.call @qccrt_alloc(
// CHECK: linalg.fill
// CHECK-NEXT: %[[ID:.*]] = llvm.mlir.constant(0 : i32)
// CHECK-NEXT: llvm.call @qccrt_release(%{{.*}}, %[[ID]])
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

// -----

// Behind a buffer whose extent an input tells, places are sums; what rests on nothing has a constant one.
// CHECK-LABEL: func.func @qccgen_main
// CHECK-SAME: qcc.arena_bytes = 256 : i64
// CHECK: %[[N:.*]] = llvm.call @qccrt_input_dim
// CHECK: %[[BYTES:.*]] = arith.select
// CHECK: %[[END:.*]] = arith.addi %[[BYTES]], %{{.*}}
// CHECK: %[[ARENA:.*]] = llvm.call @qccrt_arena(
llvm.func @qccrt_input_dim(!llvm.ptr, i32, i32) -> i64
func.func @qccgen_main(%run: !llvm.ptr) -> i32 {
  %i0 = llvm.mlir.constant(0 : i32) : i32
  %d = llvm.call @qccrt_input_dim(%run, %i0, %i0) : (!llvm.ptr, i32, i32) -> i64
  %n = arith.index_cast %d : i64 to index
  %v = arith.constant 1.0 : f32
  %a = memref.alloc() : memref<64xf32>
  %b = memref.alloc(%n) : memref<?xf32>
  linalg.fill ins(%v : f32) outs(%b : memref<?xf32>)
  linalg.fill ins(%v : f32) outs(%a : memref<64xf32>)
  linalg.fill ins(%v : f32) outs(%b : memref<?xf32>)
  %zero = arith.constant 0 : i32
  return %zero : i32
}

// -----

// The body of a loop shares places; what it takes by data is given back in it, what it hands on behind it.
// CHECK-LABEL: func.func @qccgen_main
// CHECK-SAME: qcc.arena_bytes = 256 : i64
// CHECK: scf.for
// CHECK: %[[FIRST:.*]] = llvm.mlir.constant([[NUMBER:[0-9]]] : i32)
// CHECK: llvm.call @qccrt_alloc(%{{.*}}, %[[FIRST]]
// CHECK: %[[AGAIN:.*]] = llvm.mlir.constant([[NUMBER]] : i32)
// CHECK: llvm.call @qccrt_release(%{{.*}}, %[[AGAIN]])
// CHECK: llvm.call @qccrt_alloc(
// CHECK-NOT: qccrt_release
// CHECK: scf.yield
// CHECK: linalg.copy
// CHECK: llvm.call @qccrt_release(
func.func @qccgen_main(%run: !llvm.ptr) -> i32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %v = arith.constant 1.0 : f32
  %g = memref.alloca() : memref<64xf32>
  %y = scf.for %i = %c0 to %c8 step %c1 iter_args(%last = %g) -> memref<64xf32> {
    %a = memref.alloc() : memref<64xf32>
    linalg.fill ins(%v : f32) outs(%a : memref<64xf32>)
    %x = memref.load %a[%c0] : memref<64xf32>
    %b = memref.alloc() : memref<64xf32>
    linalg.fill ins(%x : f32) outs(%b : memref<64xf32>)
    %w = memref.load %b[%c0] : memref<64xf32>
    %s = arith.fptosi %w : f32 to i64
    %n = arith.index_cast %s : i64 to index
    %d = memref.alloc(%n) : memref<?xf32>
    linalg.fill ins(%x : f32) outs(%d : memref<?xf32>)
    %next = memref.alloc() : memref<64xf32>
    linalg.copy ins(%last : memref<64xf32>) outs(%next : memref<64xf32>)
    scf.yield %next : memref<64xf32>
  }
  linalg.copy ins(%y : memref<64xf32>) outs(%g : memref<64xf32>)
  %zero = arith.constant 0 : i32
  return %zero : i32
}
