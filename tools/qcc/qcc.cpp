// The command-line tool; lib/Driver does everything.

#include "lib/Driver/Crash.h"
#include "lib/Driver/Main.h"

#include <csignal>

int main(int argc, char **argv) {
  std::vector<std::string> arguments(argv, argv + argc);
  qcc::driver::installCrashHandler(arguments);
  // A reader that ends early, as in `qcc inspect | head`, is an error of
  // writing and no reason to die.
  signal(SIGPIPE, SIG_IGN);
  arguments.erase(arguments.begin());
  return static_cast<int>(qcc::driver::runCommand(arguments));
}
