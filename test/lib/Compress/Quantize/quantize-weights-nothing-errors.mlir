// RUN: qcc-opt %s -qnn-quantize-weights=format=int4:g32 -verify-diagnostics

// expected-warning@+1 {{no weights are stored as int4:g32: no contraction or gather reads a constant of at least 4096 f32 values}}
module {}
