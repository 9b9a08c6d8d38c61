#ifndef LIB_PIPELINES_PASSES_TD
#define LIB_PIPELINES_PASSES_TD

include "mlir/Pass/PassBase.td"

def VerifyPhase : Pass<"verify-phase", "::mlir::ModuleOp"> {
  let summary = "Check that a module may stand after a phase";
  let description = [{
    Stands before the passes of each phase, so that a module that somebody wrote or
    changed by hand is refused here with a reason, and not misread by a pass later.

    | after | only |
    | --- | --- |
    | import, compress, fuse, place, layout, decide | qnn above storage, arith, math, tensor, affine, scf, cf.assert, func |
    | storage | the same without `!qnn.tensor`, but with qnn's ops of phase storage |
    | lower | the llvm dialect |

    and behind each what the target of the op says is its own. Behind `place` that target
    is also asked whether it can do what the functions and their ops ask for
    (`Target::checkOp`), and says why not; so the pass stands at the end of `place`, too.

    ```mlir
    func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
      %0 = tensor.empty() : tensor<4xf32>
      %1 = linalg.exp ins(%x : tensor<4xf32>) outs(%0 : tensor<4xf32>) -> tensor<4xf32>
      return %1 : tensor<4xf32>
    }
    ```
    is an error after `import`: `linalg.exp` belongs to phase lower. Nothing is
    changed.
  }];
  let options = [
    Option<"phase", "phase", "std::string", "\"import\"",
           "The phase that the module has behind it">,
  ];
}

#endif // LIB_PIPELINES_PASSES_TD
