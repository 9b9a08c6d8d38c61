#include "lib/Driver/Registration.h"

#include "lib/Analysis/Passes.h"
#include "lib/Compress/Quantize/Passes.h"
#include "lib/Conversion/QNNToLinalg/Passes.h"
#include "lib/Driver/Targets.h"
#include "lib/Fuse/Passes.h"
#include "lib/Interpreter/InterpreterExecutor.h"

#include "dialects/QNN/IR/Dialect.h"
#include "dialects/QNN/Transforms/Passes.h"
#include "qcc/Pipelines/Pipelines.h"

using namespace mlir;

namespace qcc::driver {

void registerDialects(DialectRegistry &registry) {
  registry.insert<qnn::QNNDialect>();
  registerTargets(registry);
  interpreter::registerExecutor(registry);
}

/// MLIR's table of passes takes the same one twice, but that of pipelines does
/// not, and a tool may be told to load a plug-in twice.
static void registerOnce() {
  analysis::registerAnalysisPasses();
  compress::registerQuantizePasses();
  qnn::registerQNNPasses();
  fuse::registerFusePasses();
  registerPipelines();
  conversion::registerQNNToLinalgPasses();
  registerTargetPasses();
}

void registerPasses() {
  static const bool registered = [] {
    registerOnce();
    return true;
  }();
  (void)registered;
}

} // namespace qcc::driver
