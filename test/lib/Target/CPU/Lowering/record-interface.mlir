// RUN: qcc-opt %s --cpu-record-interface | FileCheck %s

// CHECK: module attributes {qcc.inputs = [{extents = ["n", 8], name = "x", type = tensor<?x8xui8>}],
// CHECK-SAME: qcc.outputs = [{name = "output0", type = tensor<?x8xui8>}]}
func.func @main(%x: tensor<?x8xui8> {qcc.name = "x", qcc.extents = ["n", 8]}) -> tensor<?x8xui8> {
  return %x : tensor<?x8xui8>
}
