// The command line, described as data and parsed without global options.
//
// LLVM's own options are global: a library that links libLLVM shows dozens of
// them in --help and accepts them. So qcc has a table for each command; what is
// not in the table is an error that names it.
//
//   --name=VALUE   --name VALUE   -o VALUE   -j8   -O2   --flag   --   FILE

#ifndef LIB_DRIVER_COMMANDLINE_H
#define LIB_DRIVER_COMMANDLINE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace qcc::driver {

class Extensions;

struct OptionSpec {
  /// With its dashes. Options of one dash may be joined with their value.
  llvm::StringRef name;
  /// How help calls the value; empty for a flag.
  llvm::StringRef value;
  llvm::StringRef help;
  /// May be given several times; otherwise a second one is an error.
  bool repeats = false;
  /// For tests of qcc itself: not in help.
  bool hidden = false;
};

struct CommandSpec {
  llvm::StringRef name;
  /// How help calls the one positional argument; empty when there is none.
  llvm::StringRef operand;
  llvm::StringRef summary;
  llvm::StringRef description;
  llvm::ArrayRef<llvm::ArrayRef<OptionSpec>> options;

  const OptionSpec *find(llvm::StringRef option) const;
};

/// What was given to a command.
class Arguments {
public:
  /// Fails on an unknown option, a missing or needless value, a repetition, and
  /// on anything but one positional argument where the command takes one.
  static llvm::Expected<Arguments>
  parse(const CommandSpec &command, llvm::ArrayRef<std::string> arguments,
        std::shared_ptr<const Extensions> extensions = nullptr);

  /// What decided which options there are: for the session of the command.
  const std::shared_ptr<const Extensions> &getExtensions() const {
    return extensions;
  }

  llvm::StringRef getOperand() const { return operand; }
  bool has(llvm::StringRef option) const { return values.contains(option); }
  /// Of an option that is given once; nothing without it.
  std::optional<llvm::StringRef> get(llvm::StringRef option) const;
  llvm::ArrayRef<std::string> getAll(llvm::StringRef option) const;
  /// The value as a number not below `least`, or `otherwise` without it.
  llvm::Expected<int64_t> getInteger(llvm::StringRef option, int64_t otherwise,
                                     int64_t least = 0) const;
  llvm::Expected<double> getNumber(llvm::StringRef option,
                                   double otherwise) const;
  /// A number of threads, from 1 to 1024: more would only use up what the
  /// system has.
  llvm::Expected<int64_t> getThreads(llvm::StringRef option,
                                     int64_t otherwise) const;
  /// Fails when one of `options` was given, since it would be ignored: `why`
  /// says what it is for instead.
  llvm::Error refuse(llvm::ArrayRef<OptionSpec> options,
                     const llvm::Twine &why) const;
  llvm::Error refuse(llvm::StringRef option, const llvm::Twine &why) const;

private:
  llvm::Error addOption(const CommandSpec &command,
                        llvm::ArrayRef<std::string> arguments, size_t &index);

  std::string operand;
  llvm::StringMap<std::vector<std::string>> values;
  std::shared_ptr<const Extensions> extensions;
};

/// The page that `qcc COMMAND --help` prints.
std::string makeHelp(const CommandSpec &command);

} // namespace qcc::driver

#endif // LIB_DRIVER_COMMANDLINE_H
