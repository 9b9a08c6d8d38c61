// What happens when qcc itself fails.
//
// A crash inside guarded work is caught and reported with a reproducer: the
// command line and the module as it was before the phase that crashed. A crash
// elsewhere names the command line. Both end with exit status 3. In a library a
// crash is the host's business; but what LLVM calls a fatal error, and would
// end the process with, is caught in guarded work there, too.

#ifndef LIB_DRIVER_CRASH_H
#define LIB_DRIVER_CRASH_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"

#include <string>

namespace qcc::driver {

/// Catches signals of crashes, and LLVM's fatal errors, in this process. Only a
/// tool's main calls it: a library leaves its host's handlers alone.
void installCrashHandler(llvm::ArrayRef<std::string> commandLine);

/// Catches LLVM's fatal errors in guarded work, for a library. Cheap to call
/// again; thread-safe.
void installFatalErrorHandler();

/// What qcc is doing as long as this lives, for the reports; and for a user
/// who waits at a terminal, where it stands in a line that goes away.
class Activity {
public:
  /// `text` is not copied, so a literal.
  explicit Activity(const char *text);
  ~Activity();
  Activity(const Activity &) = delete;
  Activity &operator=(const Activity &) = delete;

private:
  const char *outer;
};

/// To be called before other text is written to the terminal.
void clearProgress();

/// Runs `work`, on any thread. When it crashes in a way that is caught in this
/// process, returns what happened; otherwise nothing. What `work` held then is
/// not released, so it should hold no lock.
std::string runGuarded(llvm::function_ref<void()> work);

/// Writes a reproducer with the command line, `what` as a comment, and `module`
/// (text; may be empty); returns its path, or a text that says why it could not
/// be written.
std::string writeReproducer(llvm::StringRef what, llvm::StringRef module);

} // namespace qcc::driver

#endif // LIB_DRIVER_CRASH_H
