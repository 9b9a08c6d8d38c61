// The shared passes in order. A comment says why a pass stands where it stands.

#include "qcc/Pipelines/Pipelines.h"
#include "dialects/QNN/Transforms/Passes.h"
#include "lib/Compress/Quantize/Passes.h"
#include "lib/Pipelines/Passes.h"

#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace qcc {

static void addCompress(OpPassManager &pm, const PipelineOptions &options) {
  // Merges what the importer wrote op by op: reshapes, transposes, identities.
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  // Before constants are folded, among them the weights in f32.
  pm.addPass(qnn::createWidenContractions());
  // Before weights get a format: afterwards their scales cannot move into them.
  pm.addPass(qnn::createFoldScales());
  pm.addPass(qnn::createFoldConstants());
  // Of weights that the model has in a format; what is quantized below is
  // stored in this order.
  pm.addPass(qnn::createTransposeWeights());
  if (!options.weights.empty()) {
    compress::QuantizeWeightsOptions quantize;
    quantize.format = options.weights;
    pm.addPass(compress::createQuantizeWeights(quantize));
  }
  if (!options.activations.empty()) {
    // After the weights, which decide what is worth it.
    compress::QuantizeActivationsOptions quantize;
    quantize.format = options.activations;
    pm.addPass(compress::createQuantizeActivations(quantize));
    // Matrix products that read one activation encode it once.
    pm.addPass(createCSEPass());
  }
  // The codes of the weights.
  if (!options.weights.empty())
    pm.addPass(qnn::createFoldConstants());
}

static void addFuse(OpPassManager &pm, const PipelineOptions &options) {
  // Merges what the importer wrote op by op: reshapes, transposes, identities.
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  // Extents asked of results become extents of the model's inputs, so that no
  // pass below meets an extent of a value that it replaces.
  pm.addPass(memref::createResolveRankedShapeTypeResultDimsPass());
  // Algebra that is right for every device.
  pm.addPass(qnn::createAbsorbDecode());
}

/// One device: nothing to place.
static void addPlace(OpPassManager &, const PipelineOptions &) {}

static void addLayout(OpPassManager &pm, const PipelineOptions &options) {
  // Behind absorbed decodes: what reads codes has fewer ops around it. Before
  // kernels are chosen: those for images want the device's order.
  pm.addPass(qnn::createChannelsLast());
  // Transposes of constants that moved there, extents of values that are gone.
  pm.addPass(memref::createResolveRankedShapeTypeResultDimsPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

static void addDecide(OpPassManager &pm, const PipelineOptions &options) {
  // After all that changes what a contraction reads.
  pm.addPass(qnn::createDecideKernels());
  // Its own choice is checked as a written one is.
  pm.addPass(qnn::createVerifyKernels());
}

static void addStorage(OpPassManager &pm, const PipelineOptions &options) {
  // A hand-written kernel may have come in with --from.
  pm.addPass(qnn::createVerifyKernels());
  // Before storage is exposed: contractions read formatted values.
  pm.addPass(qnn::createApplyKernels());
  // What has no kernel, but reads codes.
  pm.addPass(qnn::createDecomposeQuantized());
  // What applied kernels ask of weights: another order, sums of codes.
  qnn::FoldConstantsOptions fold;
  fold.afterKernels = true;
  pm.addPass(qnn::createFoldConstants(fold));
  // Last: an op that still reads a format is an error from here on.
  pm.addPass(qnn::createExposeStorage());
  // Extents that were asked of formatted values are now of components.
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

static void addPhase(OpPassManager &pm, Phase phase,
                     const PipelineOptions &options) {
  switch (phase) {
  case Phase::Import:
  case Phase::Emit:
    return;
  case Phase::Compress:
    return addCompress(pm, options);
  case Phase::Fuse:
    return addFuse(pm, options);
  case Phase::Place:
    return addPlace(pm, options);
  case Phase::Layout:
    return addLayout(pm, options);
  case Phase::Decide:
    return addDecide(pm, options);
  case Phase::Storage:
    return addStorage(pm, options);
  case Phase::Lower:
    assert(options.target && "phase lower is the target's");
    return options.target->buildLowering(pm, options.optLevel);
  }
}

void buildPipeline(OpPassManager &pm, Phase from, Phase to,
                   const PipelineOptions &options) {
  auto addVerify = [&](Phase phase) {
    VerifyPhaseOptions verify;
    verify.phase = getPhaseName(phase).str();
    pm.addPass(createVerifyPhase(verify));
  };
  Phase before = from;
  for (Phase phase : getPhases()) {
    if (phase <= from || phase > to)
      continue;
    addVerify(before);
    addPhase(pm, phase, options);
    for (const PhasePasses &plugin : options.plugins)
      if (plugin.phase == phase)
        plugin.build(pm);
    // What a target cannot do is told by the end of this phase, also where no
    // other follows.
    if (phase == Phase::Place)
      addVerify(phase);
    before = phase;
  }
}

namespace {
/// The options of a pipeline in text: qcc-pipeline{from=import to=storage}.
struct TextOptions : PassPipelineOptions<TextOptions> {
  Option<Phase> from{*this, "from", llvm::cl::init(Phase::Import),
                     llvm::cl::desc("Phase that the module has behind it"),
                     phaseValues()};
  Option<Phase> to{*this, "to", llvm::cl::init(Phase::Storage),
                   llvm::cl::desc("Last phase to run"), phaseValues()};
  Option<std::string> weights{*this, "weights",
                              llvm::cl::desc("FORMAT of constant weights")};
  Option<std::string> activations{*this, "activations",
                                  llvm::cl::desc("FORMAT of activations")};

private:
  static llvm::cl::ValuesClass phaseValues() {
    return llvm::cl::values(clEnumValN(Phase::Import, "import", ""),
                            clEnumValN(Phase::Compress, "compress", ""),
                            clEnumValN(Phase::Fuse, "fuse", ""),
                            clEnumValN(Phase::Place, "place", ""),
                            clEnumValN(Phase::Layout, "layout", ""),
                            clEnumValN(Phase::Decide, "decide", ""),
                            clEnumValN(Phase::Storage, "storage", ""));
  }
};
} // namespace

void registerPipelines() {
  registerPipelinesPasses();
  PassPipelineRegistration<TextOptions>(
      "qcc-pipeline", "The passes between two phases",
      [](OpPassManager &pm, const TextOptions &text) {
        PipelineOptions options;
        options.weights = text.weights;
        options.activations = text.activations;
        buildPipeline(pm, text.from, text.to, options);
      });
}

} // namespace qcc
