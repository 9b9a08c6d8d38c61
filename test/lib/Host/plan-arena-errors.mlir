// RUN: qcc-opt %s --host-plan-arena --verify-diagnostics

// expected-error @+1 {{has no function @qccgen_main; run host-lower-entry before this pass}}
module {
  func.func @main() { return }
}
