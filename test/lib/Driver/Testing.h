// What the tests of the driver share: sessions, and errors as their parts.

#ifndef TEST_LIB_DRIVER_TESTING_H
#define TEST_LIB_DRIVER_TESTING_H

#include "lib/Driver/Errors.h"
#include "lib/Driver/Session.h"

#include "gtest/gtest.h"

namespace qcc::driver {

/// A session and what it told.
struct TestSession {
  std::string told;
  llvm::raw_string_ostream out{told};
  Session session{/*jobs=*/1, out, llvm::cantFail(Extensions::load({}))};
};

/// Expects a CommandError of this code; returns its message.
inline std::string takeMessage(llvm::Error error, ExitCode code) {
  std::string message;
  bool isCommandError = false;
  llvm::handleAllErrors(
      std::move(error),
      [&](const CommandError &error) {
        isCommandError = true;
        EXPECT_EQ(error.getCode(), code) << error.getMessage();
        message = error.getMessage();
      },
      [&](const llvm::ErrorInfoBase &error) { message = error.message(); });
  EXPECT_TRUE(isCommandError) << message;
  return message;
}

} // namespace qcc::driver

#endif // TEST_LIB_DRIVER_TESTING_H
