// RUN: qcc-opt %s --host-record-interface | FileCheck %s

// CHECK: module attributes {qcc.inputs = [{extents = ["n", 8], name = "x", type = tensor<?x8xui8>},
// CHECK-SAME: {component = "scales", format = "#qnn.format<int8, tensor<f32>, dense>", name = "a.scales", type = tensor<f32>}],
// CHECK-SAME: qcc.outputs = [{name = "output0", type = tensor<?x8xui8>}]}
func.func @main(%x: tensor<?x8xui8> {qcc.name = "x", qcc.extents = ["n", 8]},
                %s: tensor<f32> {qcc.component = "scales", qcc.format = "#qnn.format<int8, tensor<f32>, dense>", qcc.name = "a.scales"}) -> tensor<?x8xui8> {
  return %x : tensor<?x8xui8>
}
