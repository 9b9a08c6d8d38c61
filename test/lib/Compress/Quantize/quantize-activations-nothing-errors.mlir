// RUN: qcc-opt %s -qnn-quantize-activations=format=int8:dynamic:token -verify-diagnostics

// expected-warning@+1 {{no activations are int8:dynamic:token: no matrix product has weights in a format}}
module {}
