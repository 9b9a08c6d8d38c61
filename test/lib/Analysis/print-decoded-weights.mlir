// RUN: qcc-opt %s -analysis-print-decoded-weights -verify-diagnostics

#id = affine_map<(d0) -> (d0)>

// Codes, also those that the body extracts; and what is made of their numbers and of constants alone.
func.func @decodes(%x: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  %codes = arith.constant dense<[1, 2, 3, 4, 5, 6, 7, 8]> : tensor<8xi8>
  %scale = arith.constant dense<0.5> : tensor<8xf32>
  %i = tensor.empty() : tensor<8xf32>
  // expected-remark @below {{decodes weights}}
  %0 = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]} outs(%i : tensor<8xf32>) {
  ^bb0(%o: f32):
    %at = linalg.index 0 : index
    %code = tensor.extract %codes[%at] : tensor<8xi8>
    %number = arith.sitofp %code : i8 to f32
    linalg.yield %number : f32
  } -> tensor<8xf32>
  // expected-remark @below {{decodes weights}}
  %1 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
      ins(%0, %scale : tensor<8xf32>, tensor<8xf32>) outs(%i : tensor<8xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %2 = arith.mulf %a, %b : f32
    linalg.yield %2 : f32
  } -> tensor<8xf32>
  %3 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
      ins(%0, %x : tensor<8xf32>, tensor<8xf32>) outs(%i : tensor<8xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %4 = arith.mulf %a, %b : f32
    linalg.yield %4 : f32
  } -> tensor<8xf32>
  return %1, %3 : tensor<8xf32>, tensor<8xf32>
}

// Codes of an activation, and positions.
func.func @others(%codes: tensor<8xi8>) -> (tensor<8xf32>, tensor<8xf32>) {
  %positions = arith.constant dense<[1, 2, 3, 4, 5, 6, 7, 8]> : tensor<8xi64>
  %i = tensor.empty() : tensor<8xf32>
  %0 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%codes : tensor<8xi8>) outs(%i : tensor<8xf32>) {
  ^bb0(%a: i8, %o: f32):
    %2 = arith.sitofp %a : i8 to f32
    linalg.yield %2 : f32
  } -> tensor<8xf32>
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%positions : tensor<8xi64>) outs(%i : tensor<8xf32>) {
  ^bb0(%a: i64, %o: f32):
    %2 = arith.sitofp %a : i64 to f32
    linalg.yield %2 : f32
  } -> tensor<8xf32>
  return %0, %1 : tensor<8xf32>, tensor<8xf32>
}
