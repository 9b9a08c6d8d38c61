// RUN: qcc-opt %s -analysis-print-work 2>&1 >/dev/null | FileCheck %s

// Loops, points, and which elements of operands and results belong to a point.
// Of operands of which a point reads no more than a few elements, as of tables
// that are gathered from, only so many bytes count.

func.func @contractions(%x: tensor<?x64xf32>, %b: tensor<2x3x5x64xf32>, %c: tensor<3x64x7xf32>,
    %i: tensor<1x9x9x6xf32>, %cw: tensor<8x3x3x3xf32>, %bias: tensor<8xf32>,
    %u: tensor<1x6x9x9xf32>, %d: tensor<1x9x9x?xf32>, %dw: tensor<8x3x3x3xf32>) {
  %w = arith.constant dense<1.0> : tensor<8x64xf32>
  // CHECK: remark: loops [? parallel, 8 parallel, 64 reduction], 512 points, 512 MACs, 2336 bytes, with open extents counted as 1
  // CHECK: remark: operand 0: (d0, d1, d2) -> (d0, d2), 256 bytes
  // CHECK: remark: operand 1: (d0, d1, d2) -> (d1, d2), 2048 bytes, constant
  // CHECK: remark: result 0: (d0, d1, d2) -> (d0, d1), 32 bytes
  %0 = qnn.matmul %x, %w {transpose_b} : (tensor<?x64xf32>, tensor<8x64xf32>) -> tensor<?x8xf32>
  // CHECK: remark: loops [2 parallel, 3 parallel, 5 parallel, 7 parallel, 64 reduction], 13440 points, 13440 MACs, 13896 bytes
  // CHECK: remark: operand 0: (d0, d1, d2, d3, d4) -> (d0, d1, d2, d4), 7680 bytes
  // CHECK: remark: operand 1: (d0, d1, d2, d3, d4) -> (d1, d4, d3), 5376 bytes
  // CHECK: remark: result 0: (d0, d1, d2, d3, d4) -> (d0, d1, d2, d3), 840 bytes
  %1 = qnn.matmul %b, %c : (tensor<2x3x5x64xf32>, tensor<3x64x7xf32>) -> tensor<2x3x5x7xf32>
  // CHECK: remark: loops [1 parallel, 5 parallel, 5 parallel, 2 parallel, 4 parallel, 3 reduction, 3 reduction, 3 reduction], 5400 points, 5400 MACs, 3640 bytes
  // CHECK: remark: operand 0: (d0, d1, d2, d3, d4, d5, d6, d7) -> (d0, d1 * 2 + d5 - 1, d2 * 2 + d6 - 1, d3 * 3 + d7), 1944 bytes
  // CHECK: remark: operand 1: (d0, d1, d2, d3, d4, d5, d6, d7) -> (d3 * 4 + d4, d7, d5, d6), 864 bytes
  // CHECK: remark: operand 2: (d0, d1, d2, d3, d4, d5, d6, d7) -> (d3 * 4 + d4), 32 bytes
  // CHECK: remark: result 0: (d0, d1, d2, d3, d4, d5, d6, d7) -> (d0, d1, d2, d3 * 4 + d4), 800 bytes
  %2 = qnn.conv %i, %cw, %bias {strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 2 : i64, channels_last} : (tensor<1x9x9x6xf32>, tensor<8x3x3x3xf32>, tensor<8xf32>) -> tensor<1x5x5x8xf32>
  // CHECK: remark: loops [1 parallel, 5 parallel, 5 parallel, 2 parallel, 4 parallel, 3 reduction, 3 reduction, 3 reduction], 5400 points, 5400 MACs, 3608 bytes
  // CHECK: remark: operand 0: (d0, d1, d2, d3, d4, d5, d6, d7) -> (d0, d3 * 3 + d7, d1 + d5 * 2, d2 + d6 * 2), 1944 bytes
  // CHECK: remark: operand 1: (d0, d1, d2, d3, d4, d5, d6, d7) -> (d3 * 4 + d4, d7, d5, d6), 864 bytes
  // CHECK: remark: result 0: (d0, d1, d2, d3, d4, d5, d6, d7) -> (d0, d3 * 4 + d4, d1, d2), 800 bytes
  %3 = qnn.conv %u, %cw {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 2, 2>, groups = 2 : i64} : (tensor<1x6x9x9xf32>, tensor<8x3x3x3xf32>) -> tensor<1x8x5x5xf32>
  return
}
func.func @weights(%x: tensor<4x64xf32>) {
  %codes = arith.constant dense<3> : tensor<8x32xi8>
  %scales = arith.constant dense<0.5> : tensor<8x2xf16>
  %f = qnn.wrap %codes, %scales : (tensor<8x32xi8>, tensor<8x2xf16>) -> !qnn.tensor<8x64xf32, uint4, block<1x32, f16, zero = 8>, dense>
  // CHECK: remark: loops [8 parallel, 64 parallel], 512 points, 0 MACs, 2336 bytes
  // CHECK: remark: operand 0: (d0, d1) -> (d0, d1), 288 bytes, constant
  // CHECK: remark: result 0: (d0, d1) -> (d0, d1), 2048 bytes
  %w = qnn.decode %f : (!qnn.tensor<8x64xf32, uint4, block<1x32, f16, zero = 8>, dense>) -> tensor<8x64xf32>
  // CHECK: remark: loops [4 parallel, 8 parallel, 64 reduction], 2048 points, 2048 MACs, 1440 bytes
  // CHECK: remark: operand 0: (d0, d1, d2) -> (d0, d2), 1024 bytes
  // CHECK: remark: operand 1: (d0, d1, d2) -> (d1, d2), 288 bytes, constant
  // CHECK: remark: result 0: (d0, d1, d2) -> (d0, d1), 128 bytes
  %0 = qnn.matmul %x, %w {transpose_b} : (tensor<4x64xf32>, tensor<8x64xf32>) -> tensor<4x8xf32>
  return
}
func.func @elementwise(%x: tensor<4x8xf32>, %y: tensor<8xf32>, %z: tensor<4x1xf32>, %c: tensor<4x8xi1>, %n: index) {
  // CHECK: remark: loops [4 parallel, 8 parallel], 32 points, 0 MACs, 288 bytes
  // CHECK: remark: operand 0: (d0, d1) -> (d0, d1), 128 bytes
  // CHECK: remark: operand 1: (d0, d1) -> (d1), 32 bytes
  // CHECK: remark: result 0: (d0, d1) -> (d0, d1), 128 bytes
  %0 = qnn.binary add %x, %y : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  // CHECK: remark: loops [4 parallel, 8 parallel], 32 points, 0 MACs, 304 bytes
  // CHECK: remark: operand 0: (d0, d1) -> (d0, d1), 32 bytes
  // CHECK: remark: operand 1: (d0, d1) -> (d0, d1), 128 bytes
  // CHECK: remark: operand 2: (d0, d1) -> (d0, 0), 16 bytes
  // CHECK: remark: result 0: (d0, d1) -> (d0, d1), 128 bytes
  %1 = qnn.select %c, %x, %z : (tensor<4x8xi1>, tensor<4x8xf32>, tensor<4x1xf32>) -> tensor<4x8xf32>
  // CHECK: remark: loops [4 parallel, 3 parallel], 12 points, 0 MACs, 64 bytes
  // CHECK: remark: operand 0: (d0, d1) -> (d0, 0), 16 bytes
  // CHECK: remark: result 0: (d0, d1) -> (d0, d1), 48 bytes
  %2 = qnn.expand %z [4, 3] : (tensor<4x1xf32>) -> tensor<4x3xf32>
  // CHECK: remark: loops [4 parallel, 8 parallel], 32 points, 0 MACs, 176 bytes
  // CHECK: remark: operand 0: (d0, d1) -> (d0, d1), 128 bytes
  // CHECK: remark: result 0: (d0, d1) -> (d0, d1), 48 bytes
  %3 = qnn.encode_auto %x : (tensor<4x8xf32>) -> !qnn.tensor<4x8xf32, int8, axis<0, f32>, dense>
  return
}
func.func @reductions(%x: tensor<4x8xf32>, %i: tensor<1x7x7x6xf32>) {
  // CHECK: remark: loops [4 parallel, 8 reduction], 32 points, 0 MACs, 144 bytes
  // CHECK: remark: operand 0: (d0, d1) -> (d0, d1), 128 bytes
  // CHECK: remark: result 0: (d0, d1) -> (d0), 16 bytes
  %0 = qnn.reduce sum %x {axes = array<i64: 1>} : (tensor<4x8xf32>) -> tensor<4xf32>
  // CHECK: remark: loops [4 reduction, 8 parallel], 32 points, 0 MACs, 192 bytes
  // CHECK: remark: operand 0: (d0, d1) -> (d0, d1), 128 bytes
  // CHECK: remark: result 0: (d0, d1) -> (0, d1), 64 bytes
  %1 = qnn.arg_reduce max %x {axis = 0 : i64, keep_dims = true} : (tensor<4x8xf32>) -> tensor<1x8xi64>
  // CHECK: remark: loops [4 parallel, 8 reduction], 32 points, 0 MACs, 256 bytes
  // CHECK: remark: operand 0: (d0, d1) -> (d0, d1), 128 bytes
  // CHECK: remark: result 0: (d0, d1) -> (d0, d1), 128 bytes
  %2 = qnn.cumulate sum %x {axis = 1 : i64} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  // CHECK: remark: loops [1 parallel, 6 parallel, 4 parallel, 4 parallel, 3 reduction, 3 reduction], 864 points, 0 MACs, 1560 bytes
  // CHECK: remark: operand 0: (d0, d1, d2, d3, d4, d5) -> (d0, d2 * 2 + d4 - 1, d3 * 2 + d5 - 1, d1), 1176 bytes
  // CHECK: remark: result 0: (d0, d1, d2, d3, d4, d5) -> (d0, d2, d3, d1), 384 bytes
  %3 = qnn.pool max %i {window = array<i64: 3, 3>, strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, channels_last} : (tensor<1x7x7x6xf32>) -> tensor<1x4x4x6xf32>
  return
}
func.func @movement(%x: tensor<4x8xf32>, %o: index, %idx: tensor<2x3xi64>) {
  // CHECK: remark: loops [8 parallel, 4 parallel], 32 points, 0 MACs, 256 bytes
  // CHECK: remark: operand 0: (d0, d1) -> (d1, d0), 128 bytes
  // CHECK: remark: result 0: (d0, d1) -> (d0, d1), 128 bytes
  %0 = qnn.transpose %x {permutation = array<i64: 1, 0>} : (tensor<4x8xf32>) -> tensor<8x4xf32>
  // CHECK: remark: loops [2 parallel, 3 parallel], 6 points, 0 MACs, 48 bytes
  // CHECK: remark: operand 0: (d0, d1) -> (d0 + 1, d1 * -2 + 6), 128 bytes
  // CHECK: remark: result 0: (d0, d1) -> (d0, d1), 24 bytes
  %1 = qnn.slice %x [1, 6] [2, 3] [1, -2] : (tensor<4x8xf32>) -> tensor<2x3xf32>
  // CHECK: remark: loops [2 parallel, 3 parallel], 6 points, 0 MACs, 48 bytes
  // CHECK: remark: operand 0: at indices that the loops do not tell, 128 bytes
  // CHECK: remark: result 0: (d0, d1) -> (d0, d1), 24 bytes
  %2 = qnn.slice %x [1, %o] [2, 3] [1, 1] : (tensor<4x8xf32>) -> tensor<2x3xf32>
  // CHECK: remark: loops [5 parallel, 10 parallel], 50 points, 0 MACs, 328 bytes
  // CHECK: remark: operand 0: (d0, d1) -> (d0, d1 - 2), 128 bytes
  // CHECK: remark: result 0: (d0, d1) -> (d0, d1), 200 bytes
  %3 = qnn.pad constant %x low [0, 2] high [1, 0] : (tensor<4x8xf32>) -> tensor<5x10xf32>
  // CHECK: remark: loops [8 parallel, 8 parallel], 64 points, 0 MACs, 384 bytes
  // CHECK: remark: operand 0: (d0, d1) -> (d0 mod 4, d1 mod 8), 128 bytes
  // CHECK: remark: result 0: (d0, d1) -> (d0, d1), 256 bytes
  %4 = qnn.tile %x [2, 1] : (tensor<4x8xf32>) -> tensor<8x8xf32>
  // CHECK: remark: loops [2 parallel, 3 parallel, 8 parallel], 48 points, 0 MACs, 368 bytes
  // CHECK: remark: operand 0: at indices that the loops do not tell, 128 bytes
  // CHECK: remark: operand 1: (d0, d1, d2) -> (d0, d1), 48 bytes
  // CHECK: remark: result 0: (d0, d1, d2) -> (d0, d1, d2), 192 bytes
  %5 = qnn.gather %x, %idx {axis = 0 : i64} : (tensor<4x8xf32>, tensor<2x3xi64>) -> tensor<2x3x8xf32>
  // CHECK: remark: loops [2 parallel, 16 parallel], 32 points, 0 MACs, 256 bytes
  // CHECK: remark: operand 0: at indices that the loops do not tell, 128 bytes
  // CHECK: remark: result 0: (d0, d1) -> (d0, d1), 128 bytes
  %6 = qnn.reshape %x [2, 16] : (tensor<4x8xf32>) -> tensor<2x16xf32>
  // CHECK: remark: loops [8 parallel, 8 parallel], 64 points, 0 MACs, 512 bytes
  // CHECK: remark: operand 0: at indices that the loops do not tell, 128 bytes
  // CHECK: remark: operand 1: at indices that the loops do not tell, 128 bytes
  // CHECK: remark: result 0: (d0, d1) -> (d0, d1), 256 bytes
  %7 = qnn.concat %x, %x {axis = 0 : i64} : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<8x8xf32>
  return
}
// A point reads so many elements of a table as indices, or neighbours, tell; but
// all indices and updates are read, and all results are written.
func.func @tables(%x: tensor<100x8xf32>, %idx: tensor<2x1xi64>, %pairs: tensor<5x2xi64>,
    %image: tensor<1x1x100x100xf32>, %grid: tensor<1x2x2x2xf32>, %scales: tensor<4xf32>,
    %v: tensor<4xf32>, %at: tensor<10x1xi64>, %u: tensor<10xf32>, %none: tensor<0x4xf32>,
    %start: index, %pad: tensor<f32>) {
  // CHECK: remark: loops [2 parallel, 8 parallel], 16 points, 0 MACs, 144 bytes
  // CHECK: remark: operand 0: at indices that the loops do not tell, 3200 bytes
  %0 = qnn.gather_nd %x, %idx {batch_dims = 0 : i64} : (tensor<100x8xf32>, tensor<2x1xi64>) -> tensor<2x8xf32>
  // CHECK: remark: loops [2 parallel, 1 parallel, 8 parallel], 16 points, 0 MACs, 144 bytes
  %rows = qnn.gather %x, %idx {axis = 0 : i64} : (tensor<100x8xf32>, tensor<2x1xi64>) -> tensor<2x1x8xf32>
  // CHECK: remark: loops [2 parallel, 1 parallel], 2 points, 0 MACs, 32 bytes
  %elements = qnn.gather_elements %x, %idx {axis = 0 : i64} : (tensor<100x8xf32>, tensor<2x1xi64>) -> tensor<2x1xf32>
  // CHECK: remark: loops [5 parallel], 5 points, 0 MACs, 120 bytes
  %1 = qnn.gather_nd %x, %pairs {batch_dims = 0 : i64} : (tensor<100x8xf32>, tensor<5x2xi64>) -> tensor<5xf32>
  // CHECK: remark: loops [1 parallel, 1 parallel, 2 parallel, 2 parallel], 4 points, 0 MACs, 112 bytes
  %2 = qnn.grid_sample linear zeros %image, %grid : (tensor<1x1x100x100xf32>, tensor<1x2x2x2xf32>) -> tensor<1x1x2x2xf32>
  // CHECK: remark: loops [1 parallel, 1 parallel, 2 parallel, 2 parallel], 4 points, 0 MACs, 48 bytes
  %3 = qnn.resize nearest %image, %scales [1, 1, 2, 2] half_pixel floor : (tensor<1x1x100x100xf32>, tensor<4xf32>) -> tensor<1x1x2x2xf32>
  // CHECK: remark: loops [1 parallel, 1 parallel, 2 parallel, 2 parallel], 4 points, 0 MACs, 40032 bytes
  %4 = qnn.resize linear %image, %scales [1, 1, 2, 2] half_pixel floor {antialias} : (tensor<1x1x100x100xf32>, tensor<4xf32>) -> tensor<1x1x2x2xf32>
  // CHECK: remark: loops [4 parallel], 4 points, 0 MACs, 152 bytes
  %5 = qnn.scatter_nd set %v, %at, %u : (tensor<4xf32>, tensor<10x1xi64>, tensor<10xf32>) -> tensor<4xf32>
  // CHECK: remark: loops [0 reduction, 4 parallel], 0 points, 0 MACs, 16 bytes
  %6 = qnn.reduce sum %none {axes = array<i64: 0>} : (tensor<0x4xf32>) -> tensor<4xf32>
  // CHECK: remark: loops [2 parallel, 3 parallel], 6 points, 0 MACs, 48 bytes
  %7 = qnn.slice %x [%start, 0] [2, 3] [1, 1] : (tensor<100x8xf32>) -> tensor<2x3xf32>
  // CHECK: remark: loops [102 parallel, 8 parallel], 816 points, 0 MACs, 6468 bytes
  // CHECK: remark: operand 1: (d0, d1) -> (), 4 bytes
  %8 = qnn.pad constant %x low [2, 0] high [0, 0] value %pad : (tensor<100x8xf32>, tensor<f32>) -> tensor<102x8xf32>
  return
}
func.func @contracts(%x: tensor<4x64xf32>, %w: tensor<64x8xf32>, %o: tensor<4x8xf32>,
    %i: tensor<1x9x9x6xf32>, %cw: tensor<8x3x3x3xf32>, %p: tensor<1x4x4x8xf32>,
    %b: tensor<6x5x64xf32>, %bw: tensor<3x7x64xf32>, %bo: tensor<6x5x7xf32>) {
  // The memory of the result is counted once.
  // CHECK: remark: loops [4 parallel, 8 parallel, 64 reduction], 2048 points, 2048 MACs, 3200 bytes
  // CHECK: remark: operand 0: (d0, d1, d2) -> (d0, d2), 1024 bytes
  // CHECK: remark: operand 1: (d0, d1, d2) -> (d2, d1), 2048 bytes
  // CHECK: remark: operand 2: (d0, d1, d2) -> (d0, d1), 128 bytes
  // CHECK: remark: result 0: (d0, d1, d2) -> (d0, d1), 128 bytes
  %0 = qnn.contract ins(%x, %w : tensor<4x64xf32>, tensor<64x8xf32>) outs(%o : tensor<4x8xf32>) attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>, groups = 1 : i64, transposed} {
    ^bb0(%s: f32):
      qnn.yield %s : f32
    } -> tensor<4x8xf32>
  // CHECK: remark: loops [1 parallel, 4 parallel, 4 parallel, 2 parallel, 4 parallel, 3 reduction, 3 reduction, 3 reduction], 3456 points, 3456 MACs, 3320 bytes
  // CHECK: remark: operand 0: (d0, d1, d2, d3, d4, d5, d6, d7) -> (d0, d1 * 2 + d5, d2 * 2 + d6, d3 * 3 + d7), 1944 bytes
  // CHECK: remark: operand 1: (d0, d1, d2, d3, d4, d5, d6, d7) -> (d3 * 4 + d4, d5, d6, d7), 864 bytes
  // CHECK: remark: operand 2: (d0, d1, d2, d3, d4, d5, d6, d7) -> (d0, d1, d2, d3 * 4 + d4), 512 bytes
  // CHECK: remark: result 0: (d0, d1, d2, d3, d4, d5, d6, d7) -> (d0, d1, d2, d3 * 4 + d4), 512 bytes
  %1 = qnn.contract ins(%i, %cw : tensor<1x9x9x6xf32>, tensor<8x3x3x3xf32>) outs(%p : tensor<1x4x4x8xf32>) attributes {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, window = array<i64: 3, 3>, groups = 2 : i64} {
    ^bb0(%s: f32):
      qnn.yield %s : f32
    } -> tensor<1x4x4x8xf32>
  // Two consecutive matrices share weights.
  // CHECK: remark: loops [6 parallel, 5 parallel, 7 parallel, 64 reduction], 13440 points, 13440 MACs, 13896 bytes
  // CHECK: remark: operand 0: (d0, d1, d2, d3) -> (d0, d1, d3), 7680 bytes
  // CHECK: remark: operand 1: (d0, d1, d2, d3) -> (d0 floordiv 2, d2, d3), 5376 bytes
  // CHECK: remark: operand 2: (d0, d1, d2, d3) -> (d0, d1, d2), 840 bytes
  // CHECK: remark: result 0: (d0, d1, d2, d3) -> (d0, d1, d2), 840 bytes
  %2 = qnn.contract ins(%b, %bw : tensor<6x5x64xf32>, tensor<3x7x64xf32>) outs(%bo : tensor<6x5x7xf32>) attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>, groups = 1 : i64} {
    ^bb0(%s: f32):
      qnn.yield %s : f32
    } -> tensor<6x5x7xf32>
  return
}
// What belongs to a point of an epilogue; groups of channels whose number only
// the input's type leaves open.
func.func @epilogue(%x: tensor<4x64xf32>, %w: tensor<8x64xf32>, %s: tensor<8xf32>,
    %e: tensor<4x8xf32>, %r: tensor<4x1xf32>, %c: tensor<8xf32>, %o: tensor<4x8xf32>,
    %i: tensor<1x9x9x?xf32>, %cw: tensor<8x3x3x3xf32>, %p: tensor<1x4x4x8xf32>,
    %open: tensor<4x?xf32>) {
  // CHECK: remark: loops [4 parallel, 8 parallel, 64 reduction], 2048 points, 2048 MACs, 3408 bytes
  // CHECK: remark: operand 2: (d0, d1, d2) -> (d1), 32 bytes
  // CHECK: remark: operand 3: (d0, d1, d2) -> (d0, d1), 128 bytes
  // CHECK: remark: operand 4: (d0, d1, d2) -> (d0, 0), 16 bytes
  // CHECK: remark: operand 5: (d0, d1, d2) -> (d1), 32 bytes
  // CHECK: remark: operand 6: (d0, d1, d2) -> (d0, d1), 128 bytes
  %0 = qnn.contract ins(%x, %w : tensor<4x64xf32>, tensor<8x64xf32>) start(%s : tensor<8xf32>) extras(%e, %r, %c : tensor<4x8xf32>, tensor<4x1xf32>, tensor<8xf32>) outs(%o : tensor<4x8xf32>) attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>, groups = 1 : i64} {
    ^bb0(%a: f32, %a0: f32, %a1: f32, %a2: f32):
      qnn.yield %a : f32
    } -> tensor<4x8xf32>
  // CHECK: remark: loops [1 parallel, 4 parallel, 4 parallel, 2 parallel, 4 parallel, 3 reduction, 3 reduction, 3 reduction], 3456 points, 3456 MACs
  // CHECK: remark: operand 0: (d0, d1, d2, d3, d4, d5, d6, d7) -> (d0, d1 * 2 + d5, d2 * 2 + d6, d3 * 3 + d7), 324 bytes
  %1 = qnn.contract ins(%i, %cw : tensor<1x9x9x?xf32>, tensor<8x3x3x3xf32>) outs(%p : tensor<1x4x4x8xf32>) attributes {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, window = array<i64: 3, 3>, groups = 2 : i64} {
    ^bb0(%a: f32):
      qnn.yield %a : f32
    } -> tensor<1x4x4x8xf32>
  // CHECK: remark: loops [4 parallel, 8 parallel, 64 reduction], 2048 points, 2048 MACs
  %2 = qnn.contract ins(%open, %w : tensor<4x?xf32>, tensor<8x64xf32>) outs(%o : tensor<4x8xf32>) attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, window = array<i64: 1, 1>, groups = 1 : i64} {
    ^bb0(%a: f32):
      qnn.yield %a : f32
    } -> tensor<4x8xf32>
  return
}

