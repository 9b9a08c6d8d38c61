// RUN: qcc-opt %s --load-dialect-plugin=%toy_target -split-input-file -verify-diagnostics \
// RUN:   -verify-phase="phase=place"
// RUN: qcc-opt %s --load-dialect-plugin=%toy_target -split-input-file -verify-diagnostics \
// RUN:   -qcc-pipeline="from=fuse to=place"
// RUN: qcc-opt %s --load-dialect-plugin=%toy_target -split-input-file -verify-diagnostics \
// RUN:   -qcc-pipeline="from=place to=layout"

// A target is asked about each op that is its own, at the end of phase place
// and before what follows it.

module attributes {qnn.target = #qnn.target<"toy">} {
  func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
    // expected-error @below {{the toy cannot do qnn.unary exp: compile the model for another target}}
    %0 = qnn.unary exp %x : (tensor<4xf32>) -> tensor<4xf32>
    %1 = qnn.unary relu %0 : (tensor<4xf32>) -> tensor<4xf32>
    // expected-error @below {{the toy cannot do qnn.unary tanh: compile the model for another target}}
    %2 = qnn.unary tanh %1 : (tensor<4xf32>) -> tensor<4xf32>
    return %2 : tensor<4xf32>
  }
}

// -----

// Of an op that is refused nobody asks what it holds.

module attributes {qnn.target = #qnn.target<"toy">} {
  func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
    %true = arith.constant true
    // expected-error @below {{the toy cannot do scf.if}}
    %0 = scf.if %true -> tensor<4xf32> {
      %1 = qnn.unary exp %x : (tensor<4xf32>) -> tensor<4xf32>
      scf.yield %1 : tensor<4xf32>
    } else {
      scf.yield %x : tensor<4xf32>
    }
    return %0 : tensor<4xf32>
  }
}

// -----

// Nor of a function that is.

module attributes {qnn.target = #qnn.target<"toy">} {
  // expected-error @below {{the toy has no values of type 'tensor<4x?xf32>'}}
  func.func @main(%x: tensor<4x?xf32>) -> tensor<4x?xf32> {
    %0 = qnn.unary exp %x : (tensor<4x?xf32>) -> tensor<4x?xf32>
    return %0 : tensor<4x?xf32>
  }
}

// -----

// Each is asked about its own part.

module attributes {qnn.target = #qnn.target<"cpu">} {
  func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
    %0 = qnn.unary exp %x : (tensor<4xf32>) -> tensor<4xf32>
    return %0 : tensor<4xf32>
  }
  func.func private @part(%x: tensor<4xf32>) -> tensor<4xf32> attributes {qnn.target = #qnn.target<"toy">} {
    // expected-error @below {{the toy cannot do qnn.unary exp}}
    %0 = qnn.unary exp %x : (tensor<4xf32>) -> tensor<4xf32>
    return %0 : tensor<4xf32>
  }
}

// -----

// One that nobody knows is told once.

module attributes {qnn.target = #qnn.target<"abacus">} {
  // expected-error @below {{unknown target 'abacus'}}
  func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
    return %x : tensor<4xf32>
  }
}

// -----

// What does not belong behind place is no target's to judge.

module attributes {qnn.target = #qnn.target<"toy">} {
  func.func @main(%x: tensor<4xi8>) -> tensor<4xf32> {
    // expected-error @below {{belongs to phase storage and later, so the module cannot stand}}
    %0 = qnn.decode_stored %x {format = #qnn.format<int8, none, dense>} : (tensor<4xi8>) -> tensor<4xf32>
    %1 = qnn.unary exp %0 : (tensor<4xf32>) -> tensor<4xf32>
    return %1 : tensor<4xf32>
  }
}
