// The commands of qcc: a table of options and a function for each.

#ifndef LIB_DRIVER_COMMANDS_H
#define LIB_DRIVER_COMMANDS_H

#include "lib/Driver/CommandLine.h"

namespace qcc::driver {

struct Command {
  CommandSpec spec;
  llvm::Error (*run)(const Arguments &arguments);
};

namespace commands {
extern const Command compile;
extern const Command run;
extern const Command inspect;
extern const Command compare;
extern const Command bench;
extern const Command check;
extern const Command formats;
extern const Command tune;
} // namespace commands

/// In the order of `qcc --help`.
llvm::ArrayRef<const Command *> getCommands();

} // namespace qcc::driver

#endif // LIB_DRIVER_COMMANDS_H
