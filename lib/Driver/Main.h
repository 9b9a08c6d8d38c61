// The qcc command as a function.

#ifndef LIB_DRIVER_MAIN_H
#define LIB_DRIVER_MAIN_H

#include "lib/Driver/Errors.h"

#include "llvm/ADT/ArrayRef.h"

#include <string>

namespace qcc::driver {

/// What `qcc ARGUMENTS...` does; reports errors on stderr.
ExitCode runCommand(llvm::ArrayRef<std::string> arguments);

/// Reports an error as the command would; what it makes the process return.
ExitCode report(llvm::Error error);

} // namespace qcc::driver

#endif // LIB_DRIVER_MAIN_H
