// RUN: qcc-opt %s -fuse-elementwise | FileCheck %s

#id = affine_map<(m, k) -> (m, k)>
#row = affine_map<(m, k) -> (m, 0)>

// CHECK-LABEL: func @chain
// CHECK: linalg.generic
// CHECK: math.exp
// CHECK: arith.addf
// CHECK-NOT: linalg.generic
func.func @chain(%x: tensor<4x8xf32>, %y: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %i = tensor.empty() : tensor<4x8xf32>
  %0 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
    ins(%x : tensor<4x8xf32>) outs(%i : tensor<4x8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %2 = math.exp %a : f32
    linalg.yield %2 : f32
  } -> tensor<4x8xf32>
  %1 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
    ins(%0, %y : tensor<4x8xf32>, tensor<4x8xf32>) outs(%i : tensor<4x8xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %2 = arith.addf %a, %b : f32
    linalg.yield %2 : f32
  } -> tensor<4x8xf32>
  return %1 : tensor<4x8xf32>
}

// A function that would be computed again for each of 8 columns stays outside.
// CHECK-LABEL: func @broadcast
// CHECK: linalg.generic
// CHECK: math.exp
// CHECK: linalg.generic
// CHECK: arith.addf
func.func @broadcast(%x: tensor<4x1xf32>, %y: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %i = tensor.empty() : tensor<4x1xf32>
  %j = tensor.empty() : tensor<4x8xf32>
  %0 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
    ins(%x : tensor<4x1xf32>) outs(%i : tensor<4x1xf32>) {
  ^bb0(%a: f32, %o: f32):
    %2 = math.exp %a : f32
    linalg.yield %2 : f32
  } -> tensor<4x1xf32>
  %1 = linalg.generic {indexing_maps = [#row, #id, #id], iterator_types = ["parallel", "parallel"]}
    ins(%0, %y : tensor<4x1xf32>, tensor<4x8xf32>) outs(%j : tensor<4x8xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %2 = arith.addf %a, %b : f32
    linalg.yield %2 : f32
  } -> tensor<4x8xf32>
  return %1 : tensor<4x8xf32>
}

#full = affine_map<(m, n, k) -> (m, k)>
#flat = affine_map<(m, n, k) -> (n, k)>
#sum = affine_map<(m, n, k) -> (m, n)>

// Large weights are decoded where they are multiplied, by each of their readers.
// CHECK-LABEL: func @decoded
// CHECK-NOT: tensor<512x512xf32>
// CHECK-COUNT-2: linalg.generic {{.*}} "reduction"
// CHECK-NOT: linalg.generic
func.func @decoded(%x: tensor<4x512xf32>, %y: tensor<4x512xf32>) -> (tensor<4x512xf32>, tensor<4x512xf32>) {
  %codes = arith.constant dense_resource<codes> : tensor<512x512xi8>
  %i = tensor.empty() : tensor<512x512xf32>
  %j = tensor.empty() : tensor<4x512xf32>
  %w = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
    ins(%codes : tensor<512x512xi8>) outs(%i : tensor<512x512xf32>) {
  ^bb0(%a: i8, %o: f32):
    %2 = arith.sitofp %a : i8 to f32
    linalg.yield %2 : f32
  } -> tensor<512x512xf32>
  %0 = linalg.generic {indexing_maps = [#full, #flat, #sum], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%x, %w : tensor<4x512xf32>, tensor<512x512xf32>) outs(%j : tensor<4x512xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %2 = arith.mulf %a, %b : f32
    %3 = arith.addf %2, %o : f32
    linalg.yield %3 : f32
  } -> tensor<4x512xf32>
  %1 = linalg.generic {indexing_maps = [#full, #flat, #sum], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%y, %w : tensor<4x512xf32>, tensor<512x512xf32>) outs(%j : tensor<4x512xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %2 = arith.mulf %a, %b : f32
    %3 = arith.addf %2, %o : f32
    linalg.yield %3 : f32
  } -> tensor<4x512xf32>
  return %0, %1 : tensor<4x512xf32>, tensor<4x512xf32>
}
