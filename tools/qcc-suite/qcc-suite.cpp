// Runs many `qcc run MODEL --expect DIR`, each in a forked child, which saves
// the start of a process. test/onnx/README.md defines the input and the output.

#include "lib/Driver/Crash.h"
#include "lib/Driver/Main.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include <chrono>
#include <csignal>
#include <optional>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace llvm;
using Clock = std::chrono::steady_clock;

namespace {

struct Test {
  std::string name;
  std::vector<std::string> arguments;
};

/// A test under way; `log` receives what the child writes.
struct Child {
  const Test *test;
  pid_t process;
  int log;
  Clock::time_point start;
  bool timedOut = false;
};

struct Options {
  std::string list;
  unsigned jobs = 1;
  unsigned timeoutSeconds = 60;
};

} // namespace

static std::optional<Options> parseOptions(ArrayRef<char *> arguments) {
  Options options;
  for (size_t i = 1; i < arguments.size(); ++i) {
    StringRef argument = arguments[i];
    if (!argument.starts_with("--")) {
      options.list = argument.str();
      continue;
    }
    unsigned *value = argument == "--jobs"      ? &options.jobs
                      : argument == "--timeout" ? &options.timeoutSeconds
                                                : nullptr;
    if (!value || ++i == arguments.size() ||
        StringRef(arguments[i]).getAsInteger(10, *value) || *value == 0)
      return std::nullopt;
  }
  if (options.list.empty())
    return std::nullopt;
  return options;
}

/// NAME MODEL EXPECT_DIR RTOL ATOL MODE, separated by tabs.
static std::optional<Test> parseTest(StringRef line) {
  SmallVector<StringRef> fields;
  line.split(fields, '\t');
  if (fields.size() != 6 ||
      (fields[5] != "compiled" && fields[5] != "interpreted"))
    return std::nullopt;
  Test test{fields[0].str(),
            {"run", fields[1].str(), "--expect", fields[2].str(), "--rtol",
             fields[3].str(), "--atol", fields[4].str()}};
  if (fields[5] == "interpreted")
    test.arguments.push_back("--interpret");
  return test;
}

static std::optional<std::vector<Test>> readTests(StringRef path) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> file = MemoryBuffer::getFile(path);
  if (!file) {
    errs() << "qcc-suite: " << path << ": " << file.getError().message()
           << '\n';
    return std::nullopt;
  }
  SmallVector<StringRef> lines;
  (*file)->getBuffer().split(lines, '\n', -1, /*KeepEmpty=*/false);
  std::vector<Test> tests;
  for (auto [index, line] : enumerate(lines)) {
    std::optional<Test> test = parseTest(line);
    if (!test) {
      errs() << "qcc-suite: " << path << ':' << index + 1
             << ": want NAME MODEL EXPECT_DIR RTOL ATOL MODE\n";
      return std::nullopt;
    }
    tests.push_back(std::move(*test));
  }
  return tests;
}

[[noreturn]] static void runInChild(const Test &test, int log) {
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  std::vector<std::string> commandLine = {"qcc"};
  append_range(commandLine, test.arguments);
  qcc::driver::installCrashHandler(commandLine);
  auto code = static_cast<int>(qcc::driver::runCommand(test.arguments));
  outs().flush();
  errs().flush();
  // Destructors of the whole process would cost more than the test.
  _exit(code);
}

static std::optional<Child> start(const Test &test) {
  int log = memfd_create("log", MFD_CLOEXEC);
  pid_t process = log < 0 ? -1 : fork();
  if (process == 0)
    runInChild(test, log);
  if (process < 0) {
    errs() << "qcc-suite: cannot start a child for " << test.name << '\n';
    return std::nullopt;
  }
  return Child{&test, process, log, Clock::now()};
}

static std::string readLog(int log) {
  std::string text(lseek(log, 0, SEEK_END), '\0');
  ssize_t length = pread(log, text.data(), text.size(), 0);
  text.resize(std::max<ssize_t>(length, 0));
  close(log);
  return json::fixUTF8(text);
}

static void finish(const Child &child, int status) {
  std::chrono::duration<double> seconds = Clock::now() - child.start;
  json::Object line{
      {"name", child.test->name},
      {"exit", WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status)},
      {"message", readLog(child.log)},
      {"seconds", seconds.count()}};
  if (child.timedOut)
    line["timeout"] = true;
  outs() << json::Value(std::move(line)) << '\n';
  outs().flush();
}

/// Waits a moment for children; prints those that ended and ends those that
/// took too long.
static void attend(std::vector<Child> &children, unsigned timeoutSeconds) {
  bool any = false;
  for (size_t i = 0; i < children.size();) {
    Child &child = children[i];
    int status;
    if (waitpid(child.process, &status, WNOHANG) == child.process) {
      finish(child, status);
      children.erase(children.begin() + i);
      any = true;
      continue;
    }
    if (Clock::now() - child.start > std::chrono::seconds(timeoutSeconds)) {
      child.timedOut = true;
      kill(child.process, SIGKILL);
    }
    ++i;
  }
  if (!any)
    usleep(500);
}

int main(int argc, char **argv) {
  std::optional<Options> options = parseOptions({argv, size_t(argc)});
  if (!options) {
    errs() << "usage: qcc-suite LIST [--jobs N] [--timeout SECONDS]\n";
    return 2;
  }
  std::optional<std::vector<Test>> tests = readTests(options->list);
  if (!tests)
    return 2;
  std::vector<Child> children;
  for (auto next = tests->begin(); next != tests->end() || !children.empty();) {
    if (next == tests->end() || children.size() == options->jobs) {
      attend(children, options->timeoutSeconds);
      continue;
    }
    std::optional<Child> child = start(*next++);
    if (!child)
      return 1;
    children.push_back(*child);
  }
  return 0;
}
