// RUN: qcc-opt %s --cpu-bufferize | FileCheck %s

#id = affine_map<(d0) -> (d0)>
// An input is not written, though it dies here.
// CHECK-LABEL: func.func @main(
// CHECK-SAME: %[[X:.*]]: memref<8xf32>) -> memref<8xf32>
func.func @main(%x: tensor<8xf32>) -> tensor<8xf32> {
  // CHECK: %[[Y:.*]] = memref.alloc() {alignment = 64 : i64} : memref<8xf32>
  // CHECK: linalg.generic {{.*}} outs(%[[Y]] : memref<8xf32>)
  %y = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]} outs(%x : tensor<8xf32>) {
  ^bb0(%a: f32):
    %0 = arith.negf %a : f32
    linalg.yield %0 : f32
  } -> tensor<8xf32>
  return %y : tensor<8xf32>
}

// A contraction computes in place of its init.
// CHECK-LABEL: func.func @contract(
func.func @contract(%x: tensor<4x64xf32>, %w: tensor<32x64xf32>) -> tensor<4x32xf32> {
  // CHECK: %[[Y:.*]] = memref.alloc() {alignment = 64 : i64} : memref<4x32xf32>
  %init = tensor.empty() : tensor<4x32xf32>
  // CHECK: qnn.contract ins(%{{.*}}, %{{.*}} : memref<4x64xf32>, memref<32x64xf32>) outs(%[[Y]] : memref<4x32xf32>)
  %y = qnn.contract ins(%x, %w : tensor<4x64xf32>, tensor<32x64xf32>) outs(%init : tensor<4x32xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>, groups = 1 : i64} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  } -> tensor<4x32xf32>
  // CHECK: return %[[Y]]
  return %y : tensor<4x32xf32>
}

// Weights that a loop decodes are marked where they lie, for host-verify-memory.
// CHECK-LABEL: func.func @decoded(
func.func @decoded() -> tensor<8xf32> {
  // CHECK: memref.alloc() {alignment = 64 : i64, qcc.decoded_weights} : memref<8xf32>
  // CHECK: linalg.generic
  // CHECK-NOT: qcc.decoded_weights
  %codes = arith.constant dense<[1, 2, 3, 4, 5, 6, 7, 8]> : tensor<8xi8>
  %init = tensor.empty() : tensor<8xf32>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%codes : tensor<8xi8>) outs(%init : tensor<8xf32>) {
  ^bb0(%a: i8, %o: f32):
    %0 = arith.sitofp %a : i8 to f32
    linalg.yield %0 : f32
  } -> tensor<8xf32>
  return %y : tensor<8xf32>
}

// A contraction reads a view as it lies.
// CHECK-LABEL: func.func @strided(
func.func @strided(%x: tensor<4x128xf32>, %w: tensor<32x64xf32>) -> tensor<4x32xf32> {
  // CHECK: %[[VIEW:.*]] = memref.subview {{.*}} to memref<4x64xf32, strided<[128, 2]>>
  // CHECK-NOT: memref.copy
  // CHECK: qnn.contract ins(%[[VIEW]],
  %s = tensor.extract_slice %x[0, 0] [4, 64] [1, 2] : tensor<4x128xf32> to tensor<4x64xf32>
  %init = tensor.empty() : tensor<4x32xf32>
  %y = qnn.contract ins(%s, %w : tensor<4x64xf32>, tensor<32x64xf32>) outs(%init : tensor<4x32xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>, groups = 1 : i64} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  } -> tensor<4x32xf32>
  return %y : tensor<4x32xf32>
}

// An empty or filled tensor that was merged is a buffer for each of its writers, and is not copied.
// CHECK-LABEL: func.func @separate(
func.func @separate(%x: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  // CHECK: %[[A:.*]] = memref.alloc()
  // CHECK: linalg.fill ins(%{{.*}}) outs(%[[A]]
  // CHECK-NOT: memref.copy
  // CHECK: %[[B:.*]] = memref.alloc()
  // CHECK: linalg.fill ins(%{{.*}}) outs(%[[B]]
  // CHECK-NOT: memref.copy
  // CHECK: return
  %zero = arith.constant 0.0 : f32
  %init = tensor.empty() : tensor<8xf32>
  %fill = linalg.fill ins(%zero : f32) outs(%init : tensor<8xf32>) -> tensor<8xf32>
  %a = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : tensor<8xf32>) outs(%fill : tensor<8xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.addf %in, %out : f32
    linalg.yield %0 : f32
  } -> tensor<8xf32>
  %b = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%a : tensor<8xf32>) outs(%fill : tensor<8xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.addf %in, %out : f32
    linalg.yield %0 : f32
  } -> tensor<8xf32>
  return %a, %b : tensor<8xf32>, tensor<8xf32>
}
