// RUN: qcc-opt %s -split-input-file -verify-diagnostics

// The op and the number of its constraint in StoredOps.td are in the name of the function.

func.func @contract_c1_rank(%x: tensor<?x1x1x8xf32>, %w: tensor<6x8xf32>, %init: tensor<?x6xf32>) {
  // expected-error @below {{needs input and init of one rank, 2 to 4, got 'tensor<?x1x1x8xf32>' and 'tensor<?x6xf32>'}}
  %y = qnn.contract ins(%x, %w : tensor<?x1x1x8xf32>, tensor<6x8xf32>) outs(%init : tensor<?x6xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>, groups = 1 : i64} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  } -> tensor<?x6xf32>
  return
}

// -----

func.func @contract_c1_vector(%x: tensor<8xf32>, %w: tensor<6x8xf32>, %init: tensor<6xf32>) {
  // expected-error @below {{needs input and init of one rank, 2 to 4, got 'tensor<8xf32>' and 'tensor<6xf32>'}}
  %y = qnn.contract ins(%x, %w : tensor<8xf32>, tensor<6x8xf32>) outs(%init : tensor<6xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>, groups = 1 : i64} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  } -> tensor<6xf32>
  return
}

// -----

func.func @contract_c2(%x: tensor<?x8xf32>, %w: tensor<6x8xf32>, %init: tensor<?x6xf32>) {
  // expected-error @below {{needs two positive strides, dilations and window extents, all 1 for matrices}}
  %y = qnn.contract ins(%x, %w : tensor<?x8xf32>, tensor<6x8xf32>) outs(%init : tensor<?x6xf32>)
      attributes {strides = array<i64: 2, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>, groups = 1 : i64} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  } -> tensor<?x6xf32>
  return
}

// -----

func.func @contract_c3(%x: tensor<?x8xf32>, %w: tensor<6x8xf32>, %init: tensor<?x6xf32>) {
  // expected-error @below {{cannot divide 8 and 6 channels into 4 groups}}
  %y = qnn.contract ins(%x, %w : tensor<?x8xf32>, tensor<6x8xf32>) outs(%init : tensor<?x6xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>, groups = 4 : i64} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  } -> tensor<?x6xf32>
  return
}

// -----

func.func @contract_c4_accumulator(%x: tensor<?x8xf32>, %w: tensor<6x8xf32>, %init: tensor<?x6xf64>) {
  // expected-error @below {{needs a region from an accumulator, i32, i64 or f32, and an element of each extra to one of 'f64'}}
  %y = qnn.contract ins(%x, %w : tensor<?x8xf32>, tensor<6x8xf32>) outs(%init : tensor<?x6xf64>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>, groups = 1 : i64} {
    ^bb0(%acc: f64):
      qnn.yield %acc : f64
  } -> tensor<?x6xf64>
  return
}

// -----

func.func @contract_c4_extras(%x: tensor<?x8xf32>, %w: tensor<6x8xf32>, %init: tensor<?x6xf32>, %e0: tensor<6xf32>) {
  // expected-error @below {{needs a region from an accumulator, i32, i64 or f32, and an element of each extra to one of 'f32'}}
  %y = qnn.contract ins(%x, %w : tensor<?x8xf32>, tensor<6x8xf32>)
      extras(%e0 : tensor<6xf32>) outs(%init : tensor<?x6xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>, groups = 1 : i64} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  } -> tensor<?x6xf32>
  return
}

// -----

func.func @contract_c4_yield(%x: tensor<?x8xf32>, %w: tensor<6x8xf32>, %init: tensor<?x6xf32>) {
  // expected-error @below {{needs a region from an accumulator, i32, i64 or f32, and an element of each extra to one of 'f32'}}
  %y = qnn.contract ins(%x, %w : tensor<?x8xf32>, tensor<6x8xf32>) outs(%init : tensor<?x6xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>, groups = 1 : i64} {
    ^bb0(%acc: i32):
      qnn.yield %acc : i32
  } -> tensor<?x6xf32>
  return
}

// -----

func.func @contract_c5(%x: tensor<?x8xf32>, %w: tensor<6x8xf32>, %init: tensor<?x6xf32>, %e0: tensor<5xf32>) {
  // expected-error @below {{needs extras of the shape of 'tensor<?x6xf32>', of one for each row, of its last extent, or scalars, got 'tensor<5xf32>'}}
  %y = qnn.contract ins(%x, %w : tensor<?x8xf32>, tensor<6x8xf32>)
      extras(%e0 : tensor<5xf32>) outs(%init : tensor<?x6xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>, groups = 1 : i64} {
    ^bb0(%acc: f32, %p0: f32):
      qnn.yield %acc : f32
  } -> tensor<?x6xf32>
  return
}

// -----

func.func @contract_c6_count(%x: tensor<?x8xf32>, %w: tensor<6x8xf32>, %init: tensor<?x6xf32>, %s: tensor<5xf32>) {
  // expected-error @below {{needs 6 starts of 'f32', got 'tensor<5xf32>'}}
  %y = qnn.contract ins(%x, %w : tensor<?x8xf32>, tensor<6x8xf32>)
      start(%s : tensor<5xf32>) outs(%init : tensor<?x6xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>, groups = 1 : i64} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  } -> tensor<?x6xf32>
  return
}

// -----

func.func @contract_c6_type(%x: tensor<?x8xf32>, %w: tensor<6x8xf32>, %init: tensor<?x6xf32>, %s: tensor<6xi32>) {
  // expected-error @below {{needs 6 starts of 'f32', got 'tensor<6xi32>'}}
  %y = qnn.contract ins(%x, %w : tensor<?x8xf32>, tensor<6x8xf32>)
      start(%s : tensor<6xi32>) outs(%init : tensor<?x6xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>, groups = 1 : i64} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  } -> tensor<?x6xf32>
  return
}

// -----

func.func @contract_c7_type(%x: tensor<?x8xf32>, %w: tensor<6x8xf32>, %init: tensor<?x6xf32>) {
  // expected-error @below {{needs the result to have the type of init}}
  %y = qnn.contract ins(%x, %w : tensor<?x8xf32>, tensor<6x8xf32>) outs(%init : tensor<?x6xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>, groups = 1 : i64} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  } -> tensor<4x6xf32>
  return
}

// -----

func.func @contract_c7_memory(%x: memref<4x8xf32>, %w: memref<6x8xf32>, %init: memref<4x6xf32>) {
  // expected-error @below {{needs the result to be absent on memory}}
  %y = qnn.contract ins(%x, %w : memref<4x8xf32>, memref<6x8xf32>) outs(%init : memref<4x6xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>, groups = 1 : i64} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  } -> tensor<4x6xf32>
  return
}

// -----

func.func @decode_stored_c1(%c: tensor<64xi8>) {
  // expected-error @below {{a block of rank 2 cannot divide a tensor of rank 1}}
  %y = qnn.decode_stored %c {format = #qnn.format<int8, block<1x32, f32>, dense>} : (tensor<64xi8>) -> tensor<64xf32>
  return
}

// -----

func.func @decode_stored_c2(%c: tensor<8x32xi8>, %s: tensor<8x64xf16>) {
  // expected-error @below {{expects scales of type 'tensor<8x2xf16>', got 'tensor<8x64xf16>'}}
  %y = qnn.decode_stored %c, %s {format = #qnn.format<nf4, block<1x32, f16>, dense>} : (tensor<8x32xi8>, tensor<8x64xf16>) -> tensor<8x64xf32>
  return
}

// -----

func.func @encode_stored_c1_shape(%x: tensor<8x?xf32>) {
  // expected-error @below {{codec 'nf4' packs codes into bytes}}
  %c = qnn.encode_stored %x {format = #qnn.format<nf4, none, dense>} : (tensor<8x?xf32>) -> tensor<8x?xi8>
  return
}

// -----

func.func @encode_stored_c1_dense(%x: tensor<8x64xf32>) {
  // expected-error @below {{needs a dense layout}}
  %c:2 = qnn.encode_stored %x {format = #qnn.format<int8, none, nm<2, 4, axis = 1>>} : (tensor<8x64xf32>) -> (tensor<8x32xi8>, tensor<8x8xi8>)
  return
}

// -----

func.func @encode_stored_c2(%x: tensor<8x64xf32>, %s: tensor<f32>) {
  // expected-error @below {{expects 2 component(s), scales, zero points, got 1}}
  %c = qnn.encode_stored %x, %s {format = #qnn.format<uint8, tensor<f32, zero>, dense>} : (tensor<8x64xf32>, tensor<f32>) -> tensor<8x64xi8>
  return
}

// -----

func.func @encode_stored_c3(%x: tensor<8x64xf32>, %s: tensor<f32>) {
  // expected-error @below {{expects 1 component(s), codes, got 2}}
  %c:2 = qnn.encode_stored %x, %s {format = #qnn.format<int8, tensor<f32>, dense>} : (tensor<8x64xf32>, tensor<f32>) -> (tensor<8x64xi8>, tensor<f32>)
  return
}

// -----

func.func @contract_c8_rows(%x: tensor<4x8xf32>, %w: tensor<8x8xf32>, %init: tensor<4000000x8xf32>) {
  // expected-error @below {{has positions of 'tensor<4x8xf32>' other than those of 'tensor<4000000x8xf32>'}}
  %y = qnn.contract ins(%x, %w : tensor<4x8xf32>, tensor<8x8xf32>) outs(%init : tensor<4000000x8xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  } -> tensor<4000000x8xf32>
  return
}

// -----

func.func @contract_c8_batch(%x: tensor<2x8x8x4xf32>, %w: tensor<6x3x3x4xf32>, %init: tensor<3x6x6x6xf32>) {
  // expected-error @below {{has positions of 'tensor<2x8x8x4xf32>' other than those of 'tensor<3x6x6x6xf32>'}}
  %y = qnn.contract ins(%x, %w : tensor<2x8x8x4xf32>, tensor<6x3x3x4xf32>) outs(%init : tensor<3x6x6x6xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 3, 3>} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  } -> tensor<3x6x6x6xf32>
  return
}

// -----

func.func @contract_c8_windows(%x: tensor<2x8x8x4xf32>, %w: tensor<6x3x3x4xf32>, %init: tensor<2x6x8x6xf32>) {
  // expected-error @below {{has positions of 'tensor<2x8x8x4xf32>' other than those of 'tensor<2x6x8x6xf32>'}}
  %y = qnn.contract ins(%x, %w : tensor<2x8x8x4xf32>, tensor<6x3x3x4xf32>) outs(%init : tensor<2x6x8x6xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 3, 3>} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  } -> tensor<2x6x8x6xf32>
  return
}

// -----

func.func @contract_c8_fit(%x: tensor<2x8x8x4xf32>, %w: tensor<6x9x9x4xf32>, %init: tensor<2x?x?x6xf32>) {
  // expected-error @below {{a window that reaches over 9 elements does not fit into 8 with pads of 0 and 0}}
  %y = qnn.contract ins(%x, %w : tensor<2x8x8x4xf32>, tensor<6x9x9x4xf32>) outs(%init : tensor<2x?x?x6xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 9, 9>} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  } -> tensor<2x?x?x6xf32>
  return
}

// -----

func.func @contract_c9_matrix(%x: tensor<?x8xf32>, %w: tensor<6x4xf32>, %init: tensor<?x6xf32>) {
  // expected-error @below {{needs weights [K, R, S, C / groups] for 'tensor<?x8xf32>' and 'tensor<?x6xf32>', or a stream, got 'tensor<6x4xf32>'}}
  %y = qnn.contract ins(%x, %w : tensor<?x8xf32>, tensor<6x4xf32>) outs(%init : tensor<?x6xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  } -> tensor<?x6xf32>
  return
}

// -----

func.func @contract_c9_groups(%x: tensor<2x8x8x4xf32>, %w: tensor<6x3x3x4xf32>, %init: tensor<2x6x6x6xf32>) {
  // expected-error @below {{needs weights [K, R, S, C / groups] for 'tensor<2x8x8x4xf32>' and 'tensor<2x6x6x6xf32>', or a stream, got 'tensor<6x3x3x4xf32>'}}
  %y = qnn.contract ins(%x, %w : tensor<2x8x8x4xf32>, tensor<6x3x3x4xf32>) outs(%init : tensor<2x6x6x6xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 3, 3>, groups = 2 : i64} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  } -> tensor<2x6x6x6xf32>
  return
}

// -----

func.func @contract_c10_count(%x: tensor<4x8xf32>, %w: tensor<6x8xf32>, %s: tensor<3xf32>, %init: tensor<4x6xf32>) {
  // expected-error @below {{needs a scale for each row of a matrix, got 'tensor<3xf32>' for 'tensor<4x8xf32>'}}
  %y = qnn.contract ins(%x, %w : tensor<4x8xf32>, tensor<6x8xf32>) scales(%s : tensor<3xf32>) outs(%init : tensor<4x6xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  } -> tensor<4x6xf32>
  return
}

// -----

func.func @contract_c10_image(%x: tensor<2x8x8x4xf32>, %w: tensor<6x3x3x4xf32>, %s: tensor<2xf32>, %init: tensor<2x6x6x6xf32>) {
  // expected-error @below {{needs a scale for each row of a matrix, got 'tensor<2xf32>' for 'tensor<2x8x8x4xf32>'}}
  %y = qnn.contract ins(%x, %w : tensor<2x8x8x4xf32>, tensor<6x3x3x4xf32>) scales(%s : tensor<2xf32>) outs(%init : tensor<2x6x6x6xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 3, 3>} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  } -> tensor<2x6x6x6xf32>
  return
}

// -----

func.func @contract_c11_input(%x: tensor<4x8xi8>, %w: tensor<6x8xi8>, %init: tensor<4x6xi32>) {
  // expected-error @below {{multiplies codes, so input_format and weights_format must say of which codecs}}
  %y = qnn.contract ins(%x, %w : tensor<4x8xi8>, tensor<6x8xi8>) outs(%init : tensor<4x6xi32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>, weights_format = #qnn.format<int8, tensor<f32>, dense>} {
    ^bb0(%acc: i32):
      qnn.yield %acc : i32
  } -> tensor<4x6xi32>
  return
}

// -----

func.func @contract_c11_weights(%x: tensor<4x8xi8>, %w: tensor<6x8xi8>, %init: tensor<4x6xi32>) {
  // expected-error @below {{multiplies codes, so input_format and weights_format must say of which codecs}}
  %y = qnn.contract ins(%x, %w : tensor<4x8xi8>, tensor<6x8xi8>) outs(%init : tensor<4x6xi32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>, input_format = #qnn.format<int8, tensor<f32>, dense>} {
    ^bb0(%acc: i32):
      qnn.yield %acc : i32
  } -> tensor<4x6xi32>
  return
}

// -----

func.func @contract_c3_batch(%x: tensor<2x4x8xf32>, %w: tensor<6x8xf32>, %init: tensor<2x4x6xf32>) {
  // expected-error @below {{has 2 groups of a batch of matrices, which has one}}
  %y = qnn.contract ins(%x, %w : tensor<2x4x8xf32>, tensor<6x8xf32>) outs(%init : tensor<2x4x6xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>, groups = 2 : i64} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  } -> tensor<2x4x6xf32>
  return
}

// -----

func.func @contract_c5_rows(%x: tensor<4x8xf32>, %w: tensor<6x8xf32>, %init: tensor<4x6xf32>, %e0: tensor<3x1xf32>) {
  // expected-error @below {{needs extras of the shape of 'tensor<4x6xf32>', of one for each row, of its last extent, or scalars, got 'tensor<3x1xf32>'}}
  %y = qnn.contract ins(%x, %w : tensor<4x8xf32>, tensor<6x8xf32>)
      extras(%e0 : tensor<3x1xf32>) outs(%init : tensor<4x6xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>} {
    ^bb0(%acc: f32, %p0: f32):
      qnn.yield %acc : f32
  } -> tensor<4x6xf32>
  return
}

// -----

func.func @contract_c8_batch_of_matrices(%x: tensor<2x4x8xf32>, %w: tensor<6x8xf32>, %init: tensor<3x4x6xf32>) {
  // expected-error @below {{has positions of 'tensor<2x4x8xf32>' other than those of 'tensor<3x4x6xf32>'}}
  %y = qnn.contract ins(%x, %w : tensor<2x4x8xf32>, tensor<6x8xf32>) outs(%init : tensor<3x4x6xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  } -> tensor<3x4x6xf32>
  return
}

// -----

func.func @contract_c9_batch(%x: tensor<4x4x8xf32>, %w: tensor<3x6x8xf32>, %init: tensor<4x4x6xf32>) {
  // expected-error @below {{needs weights [B', K, C], B' a divisor of B, for 'tensor<4x4x8xf32>' and 'tensor<4x4x6xf32>', or a stream, got 'tensor<3x6x8xf32>'}}
  %y = qnn.contract ins(%x, %w : tensor<4x4x8xf32>, tensor<3x6x8xf32>) outs(%init : tensor<4x4x6xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  } -> tensor<4x4x6xf32>
  return
}

// -----

func.func @contract_c9_transposed(%x: tensor<4x8xf32>, %w: tensor<6x8xf32>, %init: tensor<4x6xf32>) {
  // expected-error @below {{needs weights [C, K] for 'tensor<4x8xf32>' and 'tensor<4x6xf32>', or a stream, got 'tensor<6x8xf32>'}}
  %y = qnn.contract ins(%x, %w : tensor<4x8xf32>, tensor<6x8xf32>) outs(%init : tensor<4x6xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>, transposed} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  } -> tensor<4x6xf32>
  return
}

// -----

func.func @contract_c9_transposed_window(%x: tensor<2x8x8x4xf32>, %w: tensor<6x3x3x4xf32>, %init: tensor<2x6x6x6xf32>) {
  // expected-error @below {{needs weights [C, K] for}}
  %y = qnn.contract ins(%x, %w : tensor<2x8x8x4xf32>, tensor<6x3x3x4xf32>) outs(%init : tensor<2x6x6x6xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 3, 3>, transposed} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  } -> tensor<2x6x6x6xf32>
  return
}

// -----

#s8 = #qnn.format<int8, axis<0, f32>, dense>
#w4 = #qnn.format<uint4, block<1x32, f16, zero = 8>, dense>

func.func @contract_c12_count(%x: tensor<4x80xi8>, %w: tensor<6x80xf32>, %z: tensor<4x2xi32>, %init: tensor<4x6xf32>) {
  // expected-error @below {{needs sums of i32 for 3 block(s) of each row of a matrix, got 'tensor<4x2xi32>' for 'tensor<4x80xi8>'}}
  %y = qnn.contract ins(%x, %w : tensor<4x80xi8>, tensor<6x80xf32>) sums(%z : tensor<4x2xi32>) outs(%init : tensor<4x6xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>, input_format = #s8, weights_format = #w4} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  } -> tensor<4x6xf32>
  return
}

// -----

#s8 = #qnn.format<int8, axis<0, f32>, dense>
#w4 = #qnn.format<uint4, axis<0, f16>, dense>

func.func @contract_c12_type(%x: tensor<4x80xi8>, %w: tensor<6x80xf32>, %z: tensor<4x1xf32>, %init: tensor<4x6xf32>) {
  // expected-error @below {{needs sums of i32 for 1 block(s) of each row of a matrix, got 'tensor<4x1xf32>' for 'tensor<4x80xi8>'}}
  %y = qnn.contract ins(%x, %w : tensor<4x80xi8>, tensor<6x80xf32>) sums(%z : tensor<4x1xf32>) outs(%init : tensor<4x6xf32>)
      attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>, input_format = #s8, weights_format = #w4} {
    ^bb0(%acc: f32):
      qnn.yield %acc : f32
  } -> tensor<4x6xf32>
  return
}
