// RUN: qcc-opt %s --load-dialect-plugin=%toy_target -qcc-pipeline="from=import to=storage" | FileCheck %s
// RUN: qcc-opt %s --load-dialect-plugin=%toy_target -qcc-pipeline="from=import to=fuse" | qcc-opt --load-dialect-plugin=%toy_target -qcc-pipeline="from=fuse to=storage" | FileCheck %s

// Stopping after a phase and going on from what was printed gives the same.

!q = !qnn.tensor<?x64xf32, int8, axis<0, f32>, dense>

module attributes {qnn.target = #qnn.target<"toy">} {
  // CHECK-LABEL: func.func @main(
  // CHECK: %[[Q:.*]]:2 = qnn.encode_stored
  // CHECK: qnn.decode_stored %[[Q]]#0, %[[Q]]#1
  func.func @main(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
    %q = qnn.encode_auto %x : (tensor<?x64xf32>) -> !q
    %y = qnn.decode %q : (!q) -> tensor<?x64xf32>
    return %y : tensor<?x64xf32>
  }
}
