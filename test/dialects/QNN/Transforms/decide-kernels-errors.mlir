// RUN: qcc-opt %s -qnn-decide-kernels -verify-diagnostics

// expected-error @below {{has no target}}
module {
}
