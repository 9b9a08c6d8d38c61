// The targets of a session, by which `qnn.target` is resolved; held by its qnn
// dialect, so that passes take no pointer:
//
//   FailureOr<const TargetModel *> model = getTargetModel(op);
//
// A target adds itself when the dialect is loaded:
//
//   registry.addExtension(+[](mlir::MLIRContext *, qnn::QNNDialect *dialect) {
//     TargetModelRegistry::of(*dialect).add("toy", createToyModel);
//   });

#ifndef QCC_TARGET_REGISTRY_H
#define QCC_TARGET_REGISTRY_H

#include "dialects/QNN/IR/Dialect.h"
#include "qcc/Target/TargetModel.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/DialectInterface.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"

#include <functional>
#include <memory>
#include <mutex>

namespace qcc {

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

/// What the nearest `qnn.target` around `op`, or on it, says; null where there
/// is none.
inline qnn::TargetAttr getTarget(mlir::Operation *op) {
  for (; op; op = op->getParentOp())
    if (auto target = op->getAttrOfType<qnn::TargetAttr>(
            qnn::TargetAttr::getModuleAttrName()))
      return target;
  return {};
}

/// The model that the nearest `qnn.target` names; a diagnostic where there is
/// none.
inline mlir::FailureOr<const TargetModel *>
getTargetModel(mlir::Operation *op) {
  qnn::TargetAttr target = getTarget(op);
  if (!target)
    return op->emitError("has no target: give the module an attribute "
                         "qnn.target = #qnn.target<NAME>");
  auto *dialect = op->getContext()->getLoadedDialect<qnn::QNNDialect>();
  auto model = TargetModelRegistry::of(*dialect).resolve(target);
  if (!model)
    return op->emitError(llvm::toString(model.takeError()));
  return *model;
}

} // namespace qcc

#endif // QCC_TARGET_REGISTRY_H
