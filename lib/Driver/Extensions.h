// What a session can do beyond its own code: the targets of qcc and what
// plug-ins add. Made before there is a context, since it decides which options
// there are.

#ifndef LIB_DRIVER_EXTENSIONS_H
#define LIB_DRIVER_EXTENSIONS_H

#include "lib/Driver/CommandLine.h"
#include "qcc/Target/Plugin.h"

#include <memory>

namespace qcc::driver {

/// Of commands that take plug-ins.
extern const llvm::ArrayRef<OptionSpec> pluginOptions;

class Extensions {
public:
  /// Loads plug-ins in their order; they stay loaded. An error names the file
  /// and says why it cannot be used.
  static llvm::Expected<std::shared_ptr<const Extensions>>
  load(llvm::ArrayRef<std::string> plugins);

  const TargetRegistry &getTargets() const { return targets; }
  llvm::ArrayRef<PhasePasses> getPasses() const { return passes; }
  /// The target whose device is the host's processor.
  llvm::StringRef getHostTarget() const { return hostTarget; }

  /// Options of all targets, an option of two once. They live as long as this.
  llvm::ArrayRef<OptionSpec> getTargetOptions() const { return options; }
  /// Names of the targets that have an option "--NAME".
  std::vector<llvm::StringRef> getTargetsWith(llvm::StringRef option) const;

  /// Has a context with the qnn dialect loaded know all of it.
  void registerDialects(mlir::DialectRegistry &registry) const;
  void bind(mlir::MLIRContext &context) const;

private:
  Extensions();
  llvm::Error loadPlugin(const std::string &path);
  void collectOptions();

  TargetRegistry targets;
  std::string hostTarget;
  mlir::DialectRegistry dialects;
  std::vector<PhasePasses> passes;
  std::vector<std::string> optionTexts;
  std::vector<OptionSpec> options;
};

/// Parses what was given to `command`, with the options of the targets that
/// there are, those of plug-ins among them, where it compiles.
llvm::Expected<Arguments> parseArguments(const CommandSpec &command,
                                         llvm::ArrayRef<std::string> arguments);

/// The page that `qcc COMMAND --help` prints, with the targets' options.
llvm::Expected<std::string> makeHelp(const CommandSpec &command,
                                     llvm::ArrayRef<std::string> arguments);

} // namespace qcc::driver

#endif // LIB_DRIVER_EXTENSIONS_H
