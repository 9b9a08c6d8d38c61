// REQUIRES: mlir-opt-plugins
// RUN: mlir-opt %s --load-dialect-plugin=%qcc_plugin --load-pass-plugin=%qcc_plugin \
// RUN:   --pass-pipeline='builtin.module(qnn-decide-kernels)' -split-input-file -verify-diagnostics
// RUN: not mlir-opt %s --load-dialect-plugin=%qcc_plugin --load-pass-plugin=%qcc_plugin \
// RUN:   --pass-pipeline='builtin.module(verify-phase{fase=import})' 2>&1 | FileCheck %s --check-prefix=OPTION

// OPTION: no such option fase

// expected-error @below {{has no target}}
module {
}

// -----

// expected-error @below {{unknown target 'gpu'; known are cpu}}
module attributes {qnn.target = #qnn.target<"gpu">} {
}
