// A made-up target that shares nothing with a CPU: a scratchpad of 4 KiB
// instead of caches, no vectors, two kernels. Passes that work for it assume no
// CPU. A plug-in: qcc-opt --load-dialect-plugin=%toy_target.
//
// #qnn.target<"toy"> reads images channels-last,
// #qnn.target<"toy", machine = "planes"> channels-first.

#include "dialects/QNN/IR/Dialect.h"
#include "qcc/Target/Registry.h"

#include "mlir/IR/Builders.h"
#include "mlir/Tools/Plugins/DialectPlugin.h"

using namespace mlir;
using namespace qcc;

namespace {

class ToyModel : public TargetModel {
public:
  explicit ToyModel(ImageLayout layout) : layout(layout) {}

  ImageLayout getImageLayout() const override { return layout; }
  int64_t getScratchpadBytes() const override { return 4096; }

  SmallVector<qnn::KernelAttr> getKernels(const Work &work,
                                          std::string &whyNot) const override {
    MLIRContext *context = work.op->getContext();
    bool areCodes = hasIntegers(work.input) && hasIntegers(work.weights);
    if (!areCodes && (work.input || work.weights)) {
      whyNot = "the toy multiplies plain numbers or integer codes";
      return {};
    }
    if (getWindowBytes(work) > getScratchpadBytes()) {
      whyNot = "the window of one result does not fit into the scratchpad";
      return {};
    }
    Builder builder(context);
    Type accumulator = builder.getF32Type();
    if (areCodes)
      accumulator = builder.getI32Type();
    return {qnn::KernelAttr::get(context, areCodes ? "toy_codes" : "toy_reals",
                                 accumulator, {}, {})};
  }

  llvm::Error check(const Work &work, qnn::KernelAttr kernel) const override {
    std::string whyNot;
    for (qnn::KernelAttr known : getKernels(work, whyNot)) {
      if (known == kernel)
        return llvm::Error::success();
      whyNot = "the toy does this by '" + known.getName().str() + "'";
    }
    return llvm::createStringError(whyNot);
  }

private:
  static bool hasIntegers(qnn::FormatAttr format) {
    return format && format.getCodec().getIntegerRange();
  }

  /// What one result reads of the weights.
  static int64_t getWindowBytes(const Work &work) {
    auto type = cast<ShapedType>(work.op->getOperand(1).getType());
    int64_t bytes = work.weights ? 1 : 4;
    for (int64_t extent : type.getShape().drop_front())
      bytes *= extent;
    return bytes;
  }

  ImageLayout layout;
};

/// Its lowering and emission are not what shared passes are tested against.
class ToyTarget : public Target {
public:
  explicit ToyTarget(ImageLayout layout) : model(layout) {}

  const TargetModel &getModel() const override { return model; }
  void buildLowering(OpPassManager &, unsigned) const override {}
  llvm::Error checkOutput(StringRef path, const EmitOptions &) const override {
    return llvm::createStringError("the toy writes no " + path);
  }
  llvm::Error emit(ModuleOp, StringRef path,
                   const EmitOptions &options) const override {
    return checkOutput(path, options);
  }

private:
  ToyModel model;
};

llvm::Expected<std::unique_ptr<Target>> createToy(qnn::TargetAttr target) {
  StringRef machine = target.getOption("machine");
  if (!machine.empty() && machine != "planes")
    return llvm::createStringError("the toy has no machine '" + machine + "'");
  return std::make_unique<ToyTarget>(
      machine.empty() ? ImageLayout::ChannelsLast : ImageLayout::ChannelsFirst);
}

TargetInfo makeToy() {
  TargetInfo info;
  info.name = "toy";
  info.options = {{"machine", "NAME", "planes: images channels-first"}};
  info.create = createToy;
  return info;
}

} // namespace

extern "C" LLVM_ATTRIBUTE_WEAK DialectPluginLibraryInfo
mlirGetDialectPluginInfo() {
  return {
      MLIR_PLUGIN_API_VERSION, "ToyTarget", LLVM_VERSION_STRING,
      [](DialectRegistry *registry) {
        registry->addExtension(+[](MLIRContext *, qnn::QNNDialect *dialect) {
          llvm::cantFail(Targets::of(*dialect).getRegistry().add(makeToy()));
        });
      }};
}
