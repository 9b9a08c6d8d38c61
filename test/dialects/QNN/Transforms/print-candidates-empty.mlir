// RUN: qcc-opt %s -qnn-print-candidates 2>&1 >/dev/null | FileCheck %s

// Work without a point costs next to nothing, and has candidates all the same;
// a bool is a byte.

module attributes {qnn.target = #qnn.target<"cpu", mcpu = "haswell">} {
  func.func @nothing(%a: tensor<4x0xf32>, %b: tensor<0x5xf32>, %c: tensor<4x8xf32>, %d: tensor<8x0xf32>,
      %e: tensor<0x8xf32>, %i: tensor<32xi1>) {
    %w = arith.constant dense<1.0> : tensor<16x8xf32>
    // CHECK: remark: #qnn.kernel<"blocked_f32_avx2", {{.*}}>: {{[0-9]\.[0-9]+}} us
    %0 = qnn.matmul %a, %b : (tensor<4x0xf32>, tensor<0x5xf32>) -> tensor<4x5xf32>
    // CHECK: remark: #qnn.kernel<"blocked_f32_avx2", {{.*}}>: 0.000 us
    %1 = qnn.matmul %c, %d : (tensor<4x8xf32>, tensor<8x0xf32>) -> tensor<4x0xf32>
    // CHECK: remark: #qnn.kernel<"direct_f32_avx2", {{.*}}>: 0.000 us
    %2 = qnn.matmul %e, %w {transpose_b} : (tensor<0x8xf32>, tensor<16x8xf32>) -> tensor<0x16xf32>
    // CHECK: remark: loops: {{.*}} us, 64 bytes l2
    %3 = qnn.unary bitwise_not %i : (tensor<32xi1>) -> tensor<32xi1>
    return
  }
}
