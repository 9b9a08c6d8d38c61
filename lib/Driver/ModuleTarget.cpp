#include "lib/Driver/ModuleTarget.h"

#include "lib/Driver/Errors.h"

#include "dialects/QNN/IR/Format.h"
#include "qcc/Target/Registry.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;

namespace qcc::driver {

namespace {

/// Options of targets that were given, less those that somebody took.
class GivenOptions {
public:
  explicit GivenOptions(const ProgramOptions &options)
      : rest(options.targetOptions) {}

  /// Takes those that `info` has, as an attribute's.
  mlir::DictionaryAttr take(const TargetInfo &info,
                            mlir::MLIRContext *context) {
    mlir::Builder b(context);
    mlir::NamedAttrList taken;
    erase_if(rest, [&](const std::pair<std::string, std::string> &option) {
      StringRef name = StringRef(option.first).drop_front(2);
      if (!info.findOption(name))
        return false;
      taken.set(name, b.getStringAttr(option.second));
      return true;
    });
    return taken.getDictionary(context);
  }

  /// Those that nobody took would be ignored.
  Error checkEmpty(StringRef target, const Extensions &extensions) const {
    if (rest.empty())
      return Error::success();
    StringRef name = rest.front().first;
    return makeUsageError("option '" + name + "' is for target " +
                          join(extensions.getTargetsWith(name), ", ") +
                          ", and the model is compiled for " + target);
  }

private:
  std::vector<std::pair<std::string, std::string>> rest;
};

} // namespace

/// Kernels were or will be chosen for what the module says, so code must be
/// made for that, too.
static Error checkSame(const TargetInfo &info, mlir::DictionaryAttr given,
                       qnn::TargetAttr modules) {
  for (mlir::NamedAttribute option : given) {
    StringRef name = option.getName();
    StringRef value = cast<mlir::StringAttr>(option.getValue());
    StringRef made = modules.getOption(name);
    bool isDefault = made.empty() && value == info.findOption(name)->otherwise;
    if (value.empty() || value == made || isDefault)
      continue;
    return makeUsageError("option '--" + name + "=" + value +
                          "': the module is made for " +
                          (made.empty() ? "the default" : made) +
                          " (its qnn.target); leave the option out, or compile "
                          "the model again");
  }
  return Error::success();
}

/// The module's attribute `attribute`, made of what was given for `info` where
/// it is not there.
static Expected<qnn::TargetAttr> setAttribute(mlir::ModuleOp module,
                                              StringRef attribute,
                                              const TargetInfo &info,
                                              GivenOptions &given) {
  mlir::DictionaryAttr options = given.take(info, module.getContext());
  auto made = module->getAttrOfType<qnn::TargetAttr>(attribute);
  if (made) {
    if (Error error = checkSame(info, options, made))
      return std::move(error);
    return made;
  }
  made = qnn::TargetAttr::get(module.getContext(), info.name, options);
  module->setAttr(attribute, made);
  return made;
}

/// The name of the target: the module's, or that of --target, or the first.
static Expected<StringRef> getName(mlir::ModuleOp module,
                                   const ProgramOptions &options,
                                   const TargetRegistry &targets) {
  auto made =
      module->getAttrOfType<qnn::TargetAttr>(qnn::TargetAttr::getAttrName());
  StringRef given = options.target;
  if (!made)
    return given.empty() ? StringRef(targets.getTargets().front().name) : given;
  if (!given.empty() && given != made.getName())
    return makeUsageError(
        "option '--target=" + given + "': the module is made for '" +
        made.getName() +
        "' (its qnn.target); leave the option out, or compile "
        "the model again");
  return made.getName();
}

static Expected<const HostCode *> getHost(mlir::ModuleOp module,
                                          const Extensions &extensions,
                                          GivenOptions &given) {
  StringRef attribute = qnn::TargetAttr::getHostAttrName();
  StringRef name = extensions.getHostTarget();
  if (auto made = module->getAttrOfType<qnn::TargetAttr>(attribute))
    name = made.getName();
  Expected<const TargetInfo *> info = extensions.getTargets().get(name);
  if (!info)
    return info.takeError();
  Expected<qnn::TargetAttr> host =
      setAttribute(module, attribute, **info, given);
  if (!host)
    return host.takeError();
  Expected<const Target *> target =
      Targets::of(module.getContext()).resolve(*host);
  if (!target)
    return target.takeError();
  if (const HostCode *code = (*target)->getHostCode())
    return code;
  return makeUsageError("the module's qnn.host, '" + name +
                        "', is no processor that calls devices");
}

Expected<ModuleTarget> setTarget(Session &session, mlir::ModuleOp module,
                                 const ProgramOptions &options) {
  const Extensions &extensions = session.getExtensions();
  GivenOptions given(options);
  Expected<StringRef> name = getName(module, options, extensions.getTargets());
  if (!name)
    return name.takeError();
  Expected<const TargetInfo *> info = extensions.getTargets().get(*name);
  if (!info)
    return info.takeError();
  Expected<qnn::TargetAttr> attribute =
      setAttribute(module, qnn::TargetAttr::getAttrName(), **info, given);
  if (!attribute)
    return attribute.takeError();
  // An unknown processor, say, is told now and not after the work.
  Expected<const Target *> target =
      Targets::of(module.getContext()).resolve(*attribute);
  if (!target)
    return target.takeError();
  const HostCode *host = (*target)->getHostCode();
  if (!host) {
    Expected<const HostCode *> other = getHost(module, extensions, given);
    if (!other)
      return other.takeError();
    host = *other;
  }
  if (Error error = given.checkEmpty(*name, extensions))
    return std::move(error);
  return ModuleTarget{*info, *target, host};
}

Error checkOneTarget(mlir::ModuleOp module) {
  qnn::TargetAttr target = getTargetAttr(module);
  mlir::WalkResult result = module.walk([&](mlir::Operation *op) {
    if (getTargetAttr(op) == target)
      return mlir::WalkResult::advance();
    op->emitError("is for target '")
        << getTargetAttr(op).getName() << "' in a module for '"
        << target.getName()
        << "'; a module is lowered for one target, so compile them apart";
    return mlir::WalkResult::interrupt();
  });
  return result.wasInterrupted() ? makeReportedError() : Error::success();
}

} // namespace qcc::driver
