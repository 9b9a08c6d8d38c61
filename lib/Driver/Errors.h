// What a command can end with.
//
// A command returns llvm::Error; what kind of error it is decides the exit
// status. Errors of other libraries are wrong usage or bad input.

#ifndef LIB_DRIVER_ERRORS_H
#define LIB_DRIVER_ERRORS_H

#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"

namespace qcc::driver {

enum class ExitCode : int {
  Done = 0,
  Differs = 1, ///< Outputs differ, or a budget cannot be met.
  Usage = 2,   ///< Wrong usage or bad input.
  Defect = 3   ///< A defect of qcc.
};

class CommandError : public llvm::ErrorInfo<CommandError> {
public:
  static char ID;
  CommandError(ExitCode code, std::string message)
      : code(code), message(std::move(message)) {}

  void log(llvm::raw_ostream &out) const override;
  std::error_code convertToErrorCode() const override;

  ExitCode getCode() const { return code; }
  /// Empty when the user was already told, through MLIR's diagnostics.
  const std::string &getMessage() const { return message; }

private:
  ExitCode code;
  std::string message;
};

/// A compiled model refused or failed.
class ModelError : public llvm::ErrorInfo<ModelError, CommandError> {
public:
  static char ID;
  ModelError(int32_t status, std::string message);

  /// A qcc_status.
  int32_t getStatus() const { return status; }

private:
  int32_t status;
};

/// Wrong usage or bad input.
llvm::Error makeUsageError(const llvm::Twine &message);
/// The same, already told.
llvm::Error makeReportedError();
llvm::Error makeDefect(const llvm::Twine &message);
/// Outputs differ; the table of differences is printed already.
llvm::Error makeDifference();

} // namespace qcc::driver

#endif // LIB_DRIVER_ERRORS_H
