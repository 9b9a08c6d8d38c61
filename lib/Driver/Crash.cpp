#include "lib/Driver/Crash.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <atomic>
#include <csetjmp>
#include <csignal>
#include <cstring>
#include <mutex>
#include <unistd.h>

using namespace llvm;

namespace qcc::driver {

// A signal's handler can be given nothing, so what it needs is static: one
// process, one crash.
static constexpr int defectStatus = 3;
static bool catchesSignals = false;
static std::string commandLine;
static std::atomic<const char *> activity{"starting"};
static thread_local sigjmp_buf *recovery = nullptr;
static thread_local char fatalMessage[512];

static void writeText(const char *text) {
  // Nothing can be done where stderr is closed.
  (void)!write(STDERR_FILENO, text, strlen(text));
}

/// A library's host decides what is on the terminal.
static bool showsProgress() {
  static const bool isTerminal = isatty(STDERR_FILENO);
  return isTerminal && catchesSignals;
}

static std::atomic<bool> isLineShown{false};

void clearProgress() {
  if (isLineShown.exchange(false))
    writeText("\r\033[K");
}

static void showProgress(const char *text) {
  clearProgress();
  if (!showsProgress())
    return;
  isLineShown = true;
  writeText("qcc: ");
  writeText(text);
  writeText(" ...");
}

extern "C" {
static void handleCrash(int signal) {
  if (recovery)
    siglongjmp(*recovery, signal);
  clearProgress();
  writeText("qcc: defect: crashed while ");
  writeText(activity.load());
  if (fatalMessage[0]) {
    writeText(": ");
    writeText(fatalMessage);
  }
  writeText("\nqcc: to reproduce: ");
  writeText(commandLine.c_str());
  writeText("\n");
  _exit(defectStatus);
}

// Work after a crash may wait for a lock that the crash left held.
static void handleAlarm(int) {
  writeText("qcc: defect: no reproducer could be written\n");
  _exit(defectStatus);
}
}

static void handleFatalError(void *, const char *reason, bool) {
  strncpy(fatalMessage, reason, sizeof(fatalMessage) - 1);
  if (recovery || catchesSignals)
    handleCrash(SIGABRT);
  // Behind this LLVM ends the process, and says nothing more.
  writeText("LLVM ERROR: ");
  writeText(reason);
  writeText("\n");
}

void installFatalErrorHandler() {
  static std::once_flag once;
  std::call_once(once, [] { install_fatal_error_handler(handleFatalError); });
}

void installCrashHandler(ArrayRef<std::string> arguments) {
  catchesSignals = true;
  commandLine.clear();
  for (const std::string &argument : arguments) {
    bool plain = !argument.empty() && all_of(argument, [](char c) {
      return isAlnum(c) || strchr("-_./=:,+@", c);
    });
    commandLine += commandLine.empty() ? "" : " ";
    commandLine += plain ? argument : "'" + argument + "'";
  }
  // An overflow of the stack is handled on this one.
  static char stack[64 * 1024];
  stack_t alternative = {};
  alternative.ss_sp = stack;
  alternative.ss_size = sizeof(stack);
  sigaltstack(&alternative, nullptr);

  struct sigaction action = {};
  action.sa_handler = handleCrash;
  action.sa_flags = SA_ONSTACK | SA_NODEFER;
  for (int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT})
    sigaction(signal, &action, nullptr);
  installFatalErrorHandler();
}

Activity::Activity(const char *text) : outer(activity.exchange(text)) {
  showProgress(text);
}

Activity::~Activity() {
  activity = outer;
  clearProgress();
}

std::string runGuarded(function_ref<void()> work) {
  sigjmp_buf here;
  sigjmp_buf *outer = recovery;
  // Not read again after a jump, so they need not be volatile.
  int signal = sigsetjmp(here, /*savemask=*/1);
  if (signal == 0) {
    recovery = &here;
    fatalMessage[0] = '\0';
    work();
    recovery = outer;
    return {};
  }
  recovery = outer;
  if (catchesSignals) {
    struct sigaction action = {};
    action.sa_handler = handleAlarm;
    sigaction(SIGALRM, &action, nullptr);
    alarm(20);
  }
  std::string what = std::string("crashed while ") + activity.load() + " (" +
                     strsignal(signal) + ")";
  if (fatalMessage[0])
    what += std::string(": ") + fatalMessage;
  return what;
}

std::string writeReproducer(StringRef what, StringRef module) {
  SmallString<128> folder, path;
  sys::path::system_temp_directory(/*ErasedOnReboot=*/true, folder);
  sys::path::append(folder, "qcc-reproducer-%%%%%%.mlir");
  int descriptor;
  if (std::error_code error =
          sys::fs::createUniqueFile(folder, descriptor, path))
    return "(not written: " + error.message() + ")";
  raw_fd_ostream out(descriptor, /*shouldClose=*/true);
  out << "// " << what << "\n// " << commandLine << "\n" << module << "\n";
  return path.str().str();
}

} // namespace qcc::driver
