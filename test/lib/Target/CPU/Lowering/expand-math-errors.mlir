// RUN: qcc-opt %s --cpu-expand-math -verify-diagnostics

// expected-error @below {{unknown processor 'nonesuch'}}
module attributes {qnn.target = #qnn.target<"cpu", mcpu = "nonesuch">} {
}
