// RUN: qcc-opt %s --load-dialect-plugin=%toy_target -qcc-pipeline="from=import to=storage" | FileCheck %s
// RUN: qcc-opt %s --load-dialect-plugin=%toy_target -qcc-pipeline="from=import to=fuse" | qcc-opt --load-dialect-plugin=%toy_target -qcc-pipeline="from=fuse to=storage" | FileCheck %s

// Stopping after a phase and going on from what was printed gives the same.

!q = !qnn.tensor<?x64xf32, int8, tensor<f32>, dense>

module attributes {qnn.target = #qnn.target<"toy">} {
  // CHECK-LABEL: func.func @main(
  // CHECK: %[[S:.*]] = arith.constant dense<5.0
  // CHECK: %[[Q:.*]] = qnn.encode_stored
  // CHECK: qnn.decode_stored %[[Q]], %[[S]]
  func.func @main(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
    %s = arith.constant dense<0.5> : tensor<f32>
    %q = qnn.encode %x, %s : (tensor<?x64xf32>, tensor<f32>) -> !q
    %y = qnn.decode %q : (!q) -> tensor<?x64xf32>
    return %y : tensor<?x64xf32>
  }
}
