// RUN: qcc-opt %s -split-input-file -pass-pipeline="builtin.module(func.func(fuse-elementwise,fuse-epilogue),fuse-record-groups)" -mlir-print-debuginfo -mlir-print-local-scope | FileCheck %s

#id = affine_map<(d0) -> (d0)>

// Two loops that become one name both ops, the last one last; what stays apart
// is a group of its own.
// CHECK: module attributes {qcc.groups = [loc(fused["exp", "add"]), loc("second")]}
func.func @main(%x: tensor<8xf32>, %e: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  %0 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %r = math.exp %a : f32
    linalg.yield %r : f32
  } -> tensor<8xf32> loc("exp")
  %1 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
      ins(%0, %x : tensor<8xf32>, tensor<8xf32>) outs(%e : tensor<8xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %r = arith.addf %a, %b : f32
    linalg.yield %r : f32
  } -> tensor<8xf32> loc("add")
  %2 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%1 : tensor<8xf32>) outs(%e : tensor<8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %r = arith.negf %a : f32
    linalg.yield %r : f32
  } -> tensor<8xf32> loc("second")
  return %1, %2 : tensor<8xf32>, tensor<8xf32>
}

// -----

!x = tensor<6x64xf32>
!y = tensor<6x16xf32>
#map = affine_map<(d0, d1) -> (d0, d1)>
#channel = affine_map<(d0, d1) -> (d1)>

// An epilogue joins the contraction, by which diagnostics go on to name it.
// CHECK: module attributes {qcc.groups = [loc(fused["bias", "product"])]}
func.func @main(%x: !x, %w: tensor<16x64xf32>, %b: tensor<16xf32>, %i: !y) -> !y {
  %0 = qnn.contract ins(%x, %w : !x, tensor<16x64xf32>) outs(%i : !y)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>} {
  ^bb0(%acc: f32):
    qnn.yield %acc : f32
  } -> !y loc("product")
  %1 = linalg.generic {indexing_maps = [#map, #channel, #map], iterator_types = ["parallel", "parallel"]}
      ins(%0, %b : !y, tensor<16xf32>) outs(%i : !y) {
  ^bb0(%a: f32, %c: f32, %o: f32):
    %r = arith.addf %a, %c : f32
    linalg.yield %r : f32
  } -> !y loc("bias")
  return %1 : !y
}
