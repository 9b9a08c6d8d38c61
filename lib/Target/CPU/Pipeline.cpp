// The passes of phase `lower` in order; each comment says why here.

#include "lib/Target/CPU/Pipeline.h"

#include "lib/Conversion/QNNToLinalg/Passes.h"
#include "lib/Fuse/Passes.h"
#include "lib/Host/Passes.h"
#include "lib/Target/CPU/Kernels/Passes.h"
#include "lib/Target/CPU/Lowering/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace qcc::cpu {

static void simplify(OpPassManager &pm) {
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

static void addTensorPasses(OpPassManager &pm) {
  // Before types lose their signs.
  pm.addPass(host::createRecordInterface());
  // While weights still are constants in a format.
  pm.addPass(createPackWeights());
  pm.addPass(conversion::createConvertQNNToLinalg());
  // Extents of results become those of inputs, so that equal ones are equal.
  simplify(pm);
  // Chains become one loop first: a whole chain then goes into a contraction.
  pm.addNestedPass<func::FuncOp>(fuse::createFuseElementwise());
  pm.addNestedPass<func::FuncOp>(fuse::createFuseEpilogue());
  simplify(pm);
  // While a loop is one op still.
  pm.addPass(fuse::createRecordGroups());
}

static void addMemoryPasses(OpPassManager &pm) {
  pm.addPass(createBufferize());
  // While strides are those of views; copies are buffers like others.
  pm.addPass(createCopyOperands());
  // Extents of buffers become those they were allocated with.
  simplify(pm);
  // While results are still allocations that can be replaced.
  pm.addPass(host::createLowerEntry());
  // Before loops: products of matrices have kernels too.
  pm.addPass(createExpandContract());
  pm.addPass(createLowerLoops());
  // Constants and extents are merged before loops take them as arguments.
  simplify(pm);
  pm.addPass(createOutlineParallel());
  pm.addPass(createCSEPass());
  host::VerifyMemoryOptions early;
  early.allowAllocs = true;
  pm.addPass(host::createVerifyMemory(early));
  // After outlining: a buffer lives from call to call.
  pm.addPass(host::createPlanArena());
  pm.addPass(host::createVerifyMemory());
  pm.addPass(host::createLowerConstants());
  pm.addPass(host::createLowerCalls());
}

static void addLLVMPasses(OpPassManager &pm) {
  pm.addPass(createExpandMath());
  pm.addPass(host::createLowerReshapes());
  // Other views become address arithmetic, which is affine.
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createSCFToControlFlowPass());
  // What is computed from constants, before it is many LLVM ops.
  simplify(pm);
  // By itself: it decomposes vector ops step by step, which one conversion
  // cannot.
  pm.addPass(createConvertVectorToLLVMPass());
  pm.addPass(host::createLowerToLLVM());
  pm.addPass(createReconcileUnrealizedCastsPass());
}

void addLoweringPasses(OpPassManager &pm) {
  addTensorPasses(pm);
  addMemoryPasses(pm);
  addLLVMPasses(pm);
}

} // namespace qcc::cpu
