#include "lib/Driver/Errors.h"

#include "qcc/Runtime/Model.h"

#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace qcc::driver {

char CommandError::ID = 0;

void CommandError::log(raw_ostream &out) const { out << message; }

std::error_code CommandError::convertToErrorCode() const {
  return inconvertibleErrorCode();
}

char ModelError::ID = 0;

ModelError::ModelError(int32_t status, std::string message)
    : ErrorInfo(status == QCC_INTERNAL ? ExitCode::Defect : ExitCode::Usage,
                std::move(message)),
      status(status) {}

Error makeUsageError(const Twine &message) {
  return make_error<CommandError>(ExitCode::Usage, message.str());
}

Error makeReportedError() {
  return make_error<CommandError>(ExitCode::Usage, std::string());
}

Error makeDefect(const Twine &message) {
  return make_error<CommandError>(ExitCode::Defect, message.str());
}

Error makeDifference() {
  return make_error<CommandError>(ExitCode::Differs, std::string());
}

} // namespace qcc::driver
