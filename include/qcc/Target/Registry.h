// The targets that a session knows, by which `qnn.target` is resolved.
//
// A TargetRegistry is a value: the session fills it with the targets of qcc and
// of plug-ins, and gives it to its qnn dialect, so that passes take no pointer:
//
//   FailureOr<const TargetModel *> model = getTargetModel(op);
//
// An op belongs to the nearest `qnn.target` on it or around it.

#ifndef QCC_TARGET_REGISTRY_H
#define QCC_TARGET_REGISTRY_H

#include "dialects/QNN/IR/Dialect.h"
#include "qcc/Target/Target.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/DialectInterface.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <memory>
#include <mutex>

namespace qcc {

class TargetRegistry {
public:
  /// An error, and nothing changes, when the name is taken.
  llvm::Error add(TargetInfo info) {
    if (find(info.name))
      return llvm::createStringError("there is a target '" + info.name +
                                     "' already: give this one another name");
    targets.push_back(std::move(info));
    return llvm::Error::success();
  }

  /// In the order in which they came; the first is the default.
  llvm::ArrayRef<TargetInfo> getTargets() const { return targets; }

  const TargetInfo *find(llvm::StringRef name) const {
    for (const TargetInfo &info : targets)
      if (info.name == name)
        return &info;
    return nullptr;
  }

  /// The same; an error names those that there are.
  llvm::Expected<const TargetInfo *> get(llvm::StringRef name) const {
    if (const TargetInfo *info = find(name))
      return info;
    auto names = llvm::map_range(
        targets, [](const TargetInfo &info) { return info.name; });
    return llvm::createStringError("unknown target '" + name + "'; known are " +
                                   llvm::join(names, ", "));
  }

  /// Makes the target, if its options are known and have values that can be.
  llvm::Expected<std::unique_ptr<Target>> create(qnn::TargetAttr target) const {
    llvm::Expected<const TargetInfo *> info = get(target.getName());
    if (!info)
      return info.takeError();
    for (mlir::NamedAttribute option : target.getOptions()) {
      if ((*info)->findOption(option.getName()))
        continue;
      auto names =
          llvm::map_range((*info)->options,
                          [](const TargetOption &known) { return known.name; });
      return llvm::createStringError(
          "target '" + target.getName() + "' has no option '" +
          option.getName().getValue() + "'; it has " +
          (names.empty() ? "none" : llvm::join(names, ", ")));
    }
    return (*info)->create(target);
  }

private:
  std::vector<TargetInfo> targets;
};

/// A context's targets, one object for each attribute that was asked for.
class Targets : public mlir::DialectInterface::Base<Targets> {
public:
  explicit Targets(mlir::Dialect *dialect) : Base(dialect) {}

  static Targets &of(mlir::Dialect &dialect) {
    if (!dialect.getRegisteredInterface<Targets>())
      dialect.addInterface<Targets>();
    return *const_cast<Targets *>(dialect.getRegisteredInterface<Targets>());
  }
  /// The qnn dialect must be loaded.
  static Targets &of(mlir::MLIRContext *context) {
    return of(*context->getLoadedDialect<qnn::QNNDialect>());
  }

  TargetRegistry &getRegistry() { return registry; }

  /// Thread-safe, once the registry is filled.
  llvm::Expected<const Target *> resolve(qnn::TargetAttr target) {
    std::lock_guard<std::mutex> lock(mutex);
    std::unique_ptr<Target> &known = made[target];
    if (known)
      return known.get();
    llvm::Expected<std::unique_ptr<Target>> created = registry.create(target);
    if (!created)
      return created.takeError();
    known = std::move(*created);
    return known.get();
  }

private:
  TargetRegistry registry;
  llvm::DenseMap<mlir::Attribute, std::unique_ptr<Target>> made;
  std::mutex mutex;
};

/// What the nearest `qnn.target` on `op` or around it says; null where there is
/// none.
inline qnn::TargetAttr getTargetAttr(mlir::Operation *op) {
  for (; op; op = op->getParentOp())
    if (auto target =
            op->getAttrOfType<qnn::TargetAttr>(qnn::TargetAttr::getAttrName()))
      return target;
  return {};
}

/// The target that it names; a diagnostic where there is none.
inline mlir::FailureOr<const Target *> getTarget(mlir::Operation *op) {
  qnn::TargetAttr attribute = getTargetAttr(op);
  if (!attribute)
    return op->emitError("has no target: give the module an attribute "
                         "qnn.target = #qnn.target<NAME>");
  auto target = Targets::of(op->getContext()).resolve(attribute);
  if (!target)
    return op->emitError(llvm::toString(target.takeError()));
  return *target;
}

inline mlir::FailureOr<const TargetModel *>
getTargetModel(mlir::Operation *op) {
  mlir::FailureOr<const Target *> target = getTarget(op);
  if (mlir::failed(target))
    return mlir::failure();
  return &(*target)->getModel();
}

} // namespace qcc

#endif // QCC_TARGET_REGISTRY_H
