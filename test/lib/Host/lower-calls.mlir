// RUN: qcc-opt %s --host-lower-calls | FileCheck %s

func.func private @qccgen_loop_0(%begin: index, %end: index, %y: memref<?x4xf32> {llvm.noalias}) attributes {qcc.parallel} {
  return
}
// CHECK: func.func private @qccgen_loop_0_body(%[[CONTEXT:.*]]: !llvm.ptr, %{{.*}}: i64, %{{.*}}: i64)
// CHECK: llvm.getelementptr %[[CONTEXT]][0, 0] : (!llvm.ptr) -> !llvm.ptr, !llvm.struct<(ptr, i64)>
// CHECK: func.func private @qccgen_loop_0(%{{.*}}: i64, %{{.*}}: i64, %{{.*}}: !llvm.ptr {llvm.noalias}, %{{.*}}: i64)
// CHECK: func.func @qccgen_main(%[[ARG:.*]]: !llvm.ptr)
// CHECK: %[[C:.*]] = llvm.alloca %{{.*}} x !llvm.struct<(ptr, i64)>
// CHECK: llvm.call @qccrt_parallel(%[[ARG]], %{{.*}}, %[[C]],
func.func @qccgen_main(%run: !llvm.ptr) -> i32 {
  %c0 = arith.constant 0 : index
  %n = arith.constant 100 : index
  %y = memref.alloc(%n) : memref<?x4xf32>
  call @qccgen_loop_0(%c0, %n, %y) {qcc.grain = 64 : i64} : (index, index, memref<?x4xf32>) -> ()
  %zero = arith.constant 0 : i32
  return %zero : i32
}
