// RUN: qcc-opt %s -qnn-print-candidates 2>&1 >/dev/null | FileCheck %s

// The usual tile is first where none is predicted to be more than 5 % better;
// others follow in the order of their costs.

module attributes {qnn.target = #qnn.target<"cpu", mcpu = "haswell">} {
  func.func @candidates(%x: tensor<128x768xf32>, %open: tensor<4x?xf32>, %z: tensor<4x768xf32>) {
    %w = arith.constant dense<1.0> : tensor<768x768xf32>
    // Decoded weights and packed ones are kept: 768 * 768 * 4 bytes.
    // CHECK: remark: #qnn.kernel<"direct_f32_avx2", acc = f32, tile = [{{[0-9, ]+}}], packing = {{.*}}>: {{[0-9.]+}} us, {{[0-9]+}} bytes l1, {{.*}}keeps 2359296 bytes
    // CHECK: remark: #qnn.kernel<"direct_f32_avx2", acc = f32, tile = [2, 1, 8, 4, 48, 0], packing = {{.*}}>:
    %0 = qnn.matmul %x, %w {transpose_b} : (tensor<128x768xf32>, tensor<768x768xf32>) -> tensor<128x768xf32>
    // CHECK: remark: no kernel: the extent of the sum is known at run time only; --shape fixes it
    // CHECK: remark: loops: {{[0-9.]+}} us, {{[0-9]+}} bytes
    %1 = qnn.matmul %open, %w {transpose_b} : (tensor<4x?xf32>, tensor<768x768xf32>) -> tensor<4x768xf32>
    // Each element is read and written once.
    // CHECK: remark: loops: {{[0-9.]+}} us, 24576 bytes l2
    %2 = qnn.unary exp %z : (tensor<4x768xf32>) -> tensor<4x768xf32>
    return
  }
}
