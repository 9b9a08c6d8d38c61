// What a device can do, as shared passes ask it.
//
// A TargetModel answers questions: it changes no IR, reads no option and holds
// no global. A pass knows no device by name. It gets the model from the
// module's `qnn.target` attribute, which the registry of the session resolves:
//
//   FailureOr<const TargetModel *> model = getTargetModel(module);
//
// A target adds itself to the registry when the qnn dialect is loaded:
//
//   registry.addExtension(+[](mlir::MLIRContext *, qnn::QNNDialect *dialect) {
//     TargetModelRegistry::of(*dialect).add("toy", createToyModel);
//   });

#ifndef QCC_TARGET_TARGETMODEL_H
#define QCC_TARGET_TARGETMODEL_H

#include "dialects/QNN/IR/Dialect.h"
#include "dialects/QNN/IR/Format.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectInterface.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"

#include <functional>
#include <memory>
#include <mutex>

namespace qcc {

/// What is to be done: a qnn.conv or qnn.matmul whose weights (second operand)
/// are constant. The formats are parameters and not read from the op, so that a
/// search can ask about formats that no IR has yet; null: plain elements. That
/// of the weights has the outputs as its first axis, whatever the op's order.
struct Work {
  mlir::Operation *op;
  qnn::FormatAttr input, weights;
};

/// Axis orders of images.
enum class ImageLayout { ChannelsFirst, ChannelsLast };

class TargetModel {
public:
  virtual ~TargetModel() = default;

  /// The order in which convolutions and pools read images best.
  virtual ImageLayout getImageLayout() const = 0;

  /// Ways to do `work`, best first. Empty, with a sentence in `whyNot`, where
  /// there is none. Never for another format than asked.
  virtual llvm::SmallVector<qnn::KernelAttr>
  getKernels(const Work &work, std::string &whyNot) const = 0;

  /// Whether `kernel`, perhaps written by hand, can do `work`; the error says
  /// why not.
  virtual llvm::Error check(const Work &work, qnn::KernelAttr kernel) const = 0;

  /// Bytes of fast memory that is managed by the program (a scratchpad), or 0
  /// where there are caches instead.
  virtual int64_t getScratchpadBytes() const = 0;
};

/// The models that `qnn.target` may name; the session's, held by its dialect.
class TargetModelRegistry
    : public mlir::DialectInterface::Base<TargetModelRegistry> {
public:
  using Factory = std::function<llvm::Expected<std::unique_ptr<TargetModel>>(
      qnn::TargetAttr)>;

  explicit TargetModelRegistry(mlir::Dialect *dialect) : Base(dialect) {}

  static TargetModelRegistry &of(mlir::Dialect &dialect) {
    if (!dialect.getRegisteredInterface<TargetModelRegistry>())
      dialect.addInterface<TargetModelRegistry>();
    return *const_cast<TargetModelRegistry *>(
        dialect.getRegisteredInterface<TargetModelRegistry>());
  }

  /// False, and nothing changes, when the name is taken.
  bool add(llvm::StringRef name, Factory factory) {
    return factories.try_emplace(name, std::move(factory)).second;
  }

  llvm::SmallVector<std::string> getNames() const {
    llvm::SmallVector<std::string> names;
    for (const auto &entry : factories)
      names.push_back(entry.getKey().str());
    llvm::sort(names);
    return names;
  }

  /// One model for each attribute, made when it is first asked for.
  llvm::Expected<const TargetModel *> resolve(qnn::TargetAttr target) {
    std::lock_guard<std::mutex> lock(mutex);
    std::unique_ptr<TargetModel> &model = models[target];
    if (model)
      return model.get();
    auto factory = factories.find(target.getName());
    if (factory == factories.end())
      return llvm::createStringError("unknown target '" + target.getName() +
                                     "'; known are " +
                                     llvm::join(getNames(), ", "));
    auto made = factory->second(target);
    if (!made)
      return made.takeError();
    model = std::move(*made);
    return model.get();
  }

private:
  llvm::StringMap<Factory> factories;
  llvm::DenseMap<mlir::Attribute, std::unique_ptr<TargetModel>> models;
  std::mutex mutex;
};

/// The model that `module`'s target attribute names; a diagnostic when there is
/// none.
inline mlir::FailureOr<const TargetModel *>
getTargetModel(mlir::ModuleOp module) {
  auto target = module->getAttrOfType<qnn::TargetAttr>(
      qnn::TargetAttr::getModuleAttrName());
  if (!target)
    return module.emitError("has no target: give the module an attribute "
                            "qnn.target = #qnn.target<\"cpu\">");
  auto *dialect = module.getContext()->getLoadedDialect<qnn::QNNDialect>();
  auto model = TargetModelRegistry::of(*dialect).resolve(target);
  if (!model)
    return module.emitError(llvm::toString(model.takeError()));
  return *model;
}

} // namespace qcc

#endif // QCC_TARGET_TARGETMODEL_H
