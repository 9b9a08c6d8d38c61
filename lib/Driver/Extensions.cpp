#include "lib/Driver/Extensions.h"

#include "lib/Driver/Errors.h"
#include "lib/Driver/Targets.h"

#include "dialects/QNN/IR/Dialect.h"

#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/DynamicLibrary.h"
#include "llvm/Support/FileSystem.h"

using namespace llvm;

namespace qcc::driver {

static constexpr OptionSpec specs[] = {
    {"--plugin", "FILE.so",
     "load targets, codecs and passes from this plug-in (repeat)",
     /*repeats=*/true},
};
const ArrayRef<OptionSpec> pluginOptions = specs;

Extensions::Extensions() { hostTarget = addTargets(targets).str(); }

/// Why a plug-in that was made otherwise than this qcc cannot be used.
static Error checkVersion(const PluginInfo &info, StringRef path) {
  if (info.apiVersion != kPluginApiVersion)
    return makeUsageError("plug-in '" + path + "' is for version " +
                          Twine(info.apiVersion) + " of qcc's plug-in " +
                          "interface, and this qcc has version " +
                          Twine(kPluginApiVersion) + ": build it again");
  if (StringRef(info.llvmVersion) != LLVM_VERSION_STRING)
    return makeUsageError("plug-in '" + path + "' was built with LLVM " +
                          info.llvmVersion + ", and this qcc with " +
                          LLVM_VERSION_STRING + ": build it again");
  return Error::success();
}

/// What of the codecs and formats of the plug-ins cannot be added: extensions
/// of a dialect run when a context loads it.
static std::string findProblem(const mlir::DialectRegistry &dialects) {
  mlir::MLIRContext context(dialects, mlir::MLIRContext::Threading::DISABLED);
  auto *qnn = context.getOrLoadDialect<qnn::QNNDialect>();
  return join(qnn->getCodecs().getProblems(), "; ");
}

Error Extensions::loadPlugin(const std::string &path) {
  std::string reason;
  // A bare name is looked for among the system's libraries only.
  bool isHere = !StringRef(path).contains('/') && sys::fs::exists(path);
  std::string file = isHere ? "./" + path : path;
  sys::DynamicLibrary library =
      sys::DynamicLibrary::getPermanentLibrary(file.c_str(), &reason);
  if (!library.isValid()) {
    // The system's reason begins with the path.
    StringRef why = reason;
    why.consume_front(file + ": ");
    return makeUsageError("cannot load plug-in '" + Twine(path) + "': " + why);
  }
  auto *get = reinterpret_cast<const PluginInfo *(*)()>(
      library.getAddressOfSymbol(kPluginSymbol));
  if (!get)
    return makeUsageError("'" + Twine(path) + "' is no plug-in of qcc: it " +
                          "exports no function " + kPluginSymbol);
  const PluginInfo &info = *get();
  if (Error error = checkVersion(info, path))
    return error;
  PluginRegistry registry(dialects, targets, passes);
  if (Error error = info.registerAll(registry))
    return makeUsageError("plug-in '" + Twine(path) + "' (" + info.name +
                          ") cannot be used: " + toString(std::move(error)));
  if (std::string problem = findProblem(dialects); !problem.empty())
    return makeUsageError("plug-in '" + Twine(path) + "' (" + info.name +
                          ") cannot be used: " + problem);
  return Error::success();
}

/// Two targets may have an option of one name: it is then for both.
void Extensions::collectOptions() {
  for (const TargetInfo &info : targets.getTargets())
    for (const TargetOption &option : info.options)
      if (!is_contained(optionTexts, ("--" + option.name).str()))
        optionTexts.push_back(("--" + option.name).str());
  for (const std::string &name : optionTexts)
    for (const TargetInfo &info : targets.getTargets())
      if (const TargetOption *option =
              info.findOption(StringRef(name).drop_front(2))) {
        options.push_back({name, option->value, option->help});
        break;
      }
}

Expected<std::shared_ptr<const Extensions>>
Extensions::load(ArrayRef<std::string> plugins) {
  std::shared_ptr<Extensions> extensions(new Extensions());
  for (const std::string &path : plugins)
    if (Error error = extensions->loadPlugin(path))
      return std::move(error);
  extensions->collectOptions();
  return std::shared_ptr<const Extensions>(std::move(extensions));
}

std::vector<StringRef> Extensions::getTargetsWith(StringRef option) const {
  std::vector<StringRef> names;
  for (const TargetInfo &info : targets.getTargets())
    if (info.findOption(option.drop_front(2)))
      names.push_back(info.name);
  return names;
}

void Extensions::registerDialects(mlir::DialectRegistry &registry) const {
  for (const TargetInfo &info : targets.getTargets())
    if (info.registerDialects)
      info.registerDialects(registry);
  dialects.appendTo(registry);
}

void Extensions::bind(mlir::MLIRContext &context) const {
  Targets::of(&context).getRegistry() = targets;
}

/// What --plugin names: read before the other options, some of which are the
/// plug-ins'.
static std::vector<std::string> findPlugins(ArrayRef<std::string> arguments) {
  std::vector<std::string> plugins;
  StringRef name = pluginOptions.front().name;
  for (size_t i = 0; i < arguments.size() && arguments[i] != "--"; ++i) {
    StringRef text = arguments[i];
    if (!text.consume_front(name))
      continue;
    if (text.consume_front("="))
      plugins.push_back(text.str());
    else if (text.empty() && i + 1 < arguments.size())
      plugins.push_back(arguments[++i]);
  }
  return plugins;
}

static Expected<std::shared_ptr<const Extensions>>
loadFor(const CommandSpec &command, ArrayRef<std::string> arguments) {
  bool takesPlugins = command.find(pluginOptions.front().name);
  return Extensions::load(takesPlugins ? findPlugins(arguments)
                                       : std::vector<std::string>());
}

/// The groups of a command that compiles, and those of the targets.
static std::vector<ArrayRef<OptionSpec>>
getGroups(const CommandSpec &command, const Extensions &extensions) {
  std::vector<ArrayRef<OptionSpec>> groups(command.options.begin(),
                                           command.options.end());
  if (command.find("--target"))
    groups.push_back(extensions.getTargetOptions());
  return groups;
}

Expected<Arguments> parseArguments(const CommandSpec &command,
                                   ArrayRef<std::string> arguments) {
  auto extensions = loadFor(command, arguments);
  if (!extensions)
    return extensions.takeError();
  std::vector<ArrayRef<OptionSpec>> groups = getGroups(command, **extensions);
  CommandSpec whole = command;
  whole.options = groups;
  return Arguments::parse(whole, arguments, std::move(*extensions));
}

Expected<std::string> makeHelp(const CommandSpec &command,
                               ArrayRef<std::string> arguments) {
  auto extensions = loadFor(command, arguments);
  if (!extensions)
    return extensions.takeError();
  std::vector<ArrayRef<OptionSpec>> groups = getGroups(command, **extensions);
  CommandSpec whole = command;
  whole.options = groups;
  return makeHelp(whole);
}

} // namespace qcc::driver
