// RUN: qcc-opt %s -split-input-file -cpu-expand-contract | FileCheck %s

// Rows by panels outside, a function of tiles inside; the last panel has one of
// its own.
// CHECK-LABEL: func.func @matrix
// CHECK: scf.parallel
// CHECK: scf.if
// CHECK: call @kernel_direct_f32_avx512_0(
// CHECK: else
// CHECK: call @kernel_direct_f32_avx512_1(
// CHECK-NOT: qnn.contract
// CHECK-LABEL: func.func private @kernel_direct_f32_avx512_0
// CHECK: scf.for
// CHECK: scf.for {{.*}} -> (vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>
// CHECK: vector.load {{.*}} vector<16xf32>
// CHECK: memref.load
// CHECK: vector.broadcast
// CHECK: vector.fma
// CHECK: arith.addf {{.*}} vector<16xf32>
// CHECK: vector.store
// CHECK-LABEL: func.func private @kernel_direct_f32_avx512_1
// CHECK-NOT: vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>
// CHECK: vector.store {{.*}} vector<4xf32>
func.func @matrix(%x: memref<?x32xf32>, %w: memref<2560xf32>, %b: memref<68xf32>, %y: memref<?x68xf32>) {
  qnn.contract ins(%x, %w : memref<?x32xf32>, memref<2560xf32>) extras(%b : memref<68xf32>) outs(%y : memref<?x68xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>,
        kernel = #qnn.kernel<"direct_f32_avx512", acc = f32, tile = [2, 4, 16, 4, 96, 0]>} {
    ^bb0(%acc: f32, %b0: f32):
      %0 = arith.addf %acc, %b0 : f32
      qnn.yield %0 : f32
  }
  return
}

// -----

// Layers that differ in extents share one function.
// CHECK-LABEL: func.func @shared
// CHECK: call @kernel_direct_f32_avx2_0(
// CHECK: call @kernel_direct_f32_avx2_0(
// CHECK: func.func private @kernel_direct_f32_avx2_0
// CHECK: vector<8xf32>
// CHECK-NOT: func.func private
func.func @shared(%x: memref<?x?x?x16xf32>, %w: memref<2304xf32>, %y: memref<?x?x?x16xf32>, %v: memref<4608xf32>, %z: memref<?x?x?x32xf32>) {
  qnn.contract ins(%x, %w : memref<?x?x?x16xf32>, memref<2304xf32>) outs(%y : memref<?x?x?x16xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 3, 3>,
        kernel = #qnn.kernel<"direct_f32_avx2", acc = f32, tile = [6, 2, 8, 4, 96, 0]>} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  }
  qnn.contract ins(%x, %v : memref<?x?x?x16xf32>, memref<4608xf32>) outs(%z : memref<?x?x?x32xf32>)
      attributes {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, window = array<i64: 3, 3>,
        kernel = #qnn.kernel<"direct_f32_avx2", acc = f32, tile = [6, 2, 8, 4, 96, 0]>} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  }
  return
}

// -----

// CHECK-LABEL: func.func private @kernel_depthwise_f32_avx2_0
// CHECK: vector.load {{.*}} vector<8xf32>
// CHECK: vector.fma
func.func @depthwise(%x: memref<1x9x9x8xf32>, %w: memref<72xf32>, %y: memref<1x7x7x8xf32>) {
  qnn.contract ins(%x, %w : memref<1x9x9x8xf32>, memref<72xf32>) outs(%y : memref<1x7x7x8xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 3, 3>, groups = 8 : i64,
        kernel = #qnn.kernel<"depthwise_f32_avx2", acc = f32, tile = [4, 1, 8, 1, 2, 0]>} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  }
  return
}

// -----

// A product of activations: a work item packs its panel of the right operand, and what follows
// the sums is part of the kernel.
// CHECK-LABEL: func.func @batch
// CHECK: scf.parallel (%{{.*}}, %{{.*}}, %{{.*}}) =
// CHECK: call @kernel_blocked_f32_avx2_0(
// CHECK: func.func private @kernel_blocked_f32_avx2_0
// CHECK: memref.alloca
// CHECK: vector.fma
// CHECK: math.exp %{{.*}} : vector<8xf32>
func.func @batch(%a: memref<?x?x64xf32>, %b: memref<?x64x?xf32>, %c: memref<?x?x?xf32>) {
  qnn.contract ins(%a, %b : memref<?x?x64xf32>, memref<?x64x?xf32>) outs(%c : memref<?x?x?xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>, transposed,
        kernel = #qnn.kernel<"blocked_f32_avx2", acc = f32, tile = [6, 2, 8, 4, 96, 256]>} {
    ^bb0(%acc: f32):
      %0 = math.exp %acc : f32
      qnn.yield %0 : f32
  }
  return
}

// -----

// Of 16 bits, pairs of rows lie side by side; sums of 32 bits are added up in 64.
// CHECK-LABEL: func.func @words
// CHECK: call @kernel_blocked_i16_avx2_0(
// CHECK: func.func private @kernel_blocked_i16_avx2_0
// CHECK: memref.alloca() {{.*}}xi16>
// CHECK: memref.alloca() {{.*}}xi64>
// CHECK: vector.interleave
// CHECK: llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"
// CHECK: arith.extsi %{{.*}} : vector<8xi32> to vector<8xi64>
func.func @words(%a: memref<?x64xi16>, %b: memref<64x?xi16>, %c: memref<?x?xf32>) {
  qnn.contract ins(%a, %b : memref<?x64xi16>, memref<64x?xi16>) outs(%c : memref<?x?xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>, transposed,
        kernel = #qnn.kernel<"blocked_i16_avx2", acc = i64, tile = [6, 2, 8, 4, 96, 256]>} {
    ^bb0(%acc: i64):
      %0 = arith.sitofp %acc : i64 to f32
      qnn.yield %0 : f32
  }
  return
}

// -----

// Tiles of several rows ask for the next panel's weights, one of one row for those ahead of it. Of 8 rows, two tiles of 4 are made, not one of 6 and two of one.
// CHECK-LABEL: func.func @bytes
// CHECK-LABEL: func.func private @kernel_direct_i8_avx512vnni_0
// CHECK: %[[OVER:.*]] = arith.remui %{{.*}}, %c6
// CHECK: arith.cmpi eq, %[[OVER]], %c2
// CHECK: arith.cmpi eq, %[[OVER]], %c3
// CHECK-NOT: locality<3>
// CHECK: memref.prefetch %{{.*}}, read, locality<2>, data
// CHECK: arith.remui %{{.*}}, %c4
// CHECK-NOT: arith.cmpi eq
// CHECK: memref.prefetch %{{.*}}, read, locality<3>, data
func.func @bytes(%x: memref<?x64xi8>, %w: memref<4352xi8>, %y: memref<?x64xi32>) {
  qnn.contract ins(%x, %w : memref<?x64xi8>, memref<4352xi8>) outs(%y : memref<?x64xi32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>,
        input_format = #qnn.format<int8, axis<0, f32>, dense>, weights_format = #qnn.format<int8, axis<0, f32>, dense>,
        kernel = #qnn.kernel<"direct_i8_avx512vnni", acc = i32, tile = [6, 4, 16, 4, 132, 0]>} {
    ^bb0(%acc: i32):
      qnn.yield %acc : i32
  }
  return
}

// -----

// More weights than caches hold come from memory, which the processor does better by itself.
// CHECK-LABEL: func.func @many_bytes
// CHECK-NOT: locality<3>
func.func @many_bytes(%x: memref<?x4096xi8>, %w: memref<16793600xi8>, %y: memref<?x4096xi32>) {
  qnn.contract ins(%x, %w : memref<?x4096xi8>, memref<16793600xi8>) outs(%y : memref<?x4096xi32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>,
        input_format = #qnn.format<int8, axis<0, f32>, dense>, weights_format = #qnn.format<int8, axis<0, f32>, dense>,
        kernel = #qnn.kernel<"direct_i8_avx512vnni", acc = i32, tile = [6, 4, 16, 4, 132, 0]>} {
    ^bb0(%acc: i32):
      qnn.yield %acc : i32
  }
  return
}
