#include "lib/Driver/Main.h"

#include "lib/Driver/Commands.h"
#include "lib/Driver/Crash.h"
#include "lib/Driver/Extensions.h"
#include "lib/Driver/Version.h"

#include "llvm/Config/llvm-config.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace qcc::driver {

ArrayRef<const Command *> getCommands() {
  static const Command *const all[] = {&commands::compile, &commands::run,
                                       &commands::inspect, &commands::compare,
                                       &commands::bench,   &commands::check,
                                       &commands::formats, &commands::tune};
  return all;
}

static void printHelp() {
  outs() << "usage: qcc COMMAND [options]\n\n"
            "Compiles neural networks (ONNX) to native code.\n\ncommands:\n";
  for (const Command *command : getCommands())
    outs() << "  " << left_justify(command->spec.name, 10)
           << command->spec.summary << '\n';
  outs() << "\n'qcc COMMAND --help' lists the options of a command; 'qcc "
            "--version' prints the version.\n"
            "Exit status: 0 done; 1 outputs differ; 2 wrong usage or bad "
            "input; 3 a defect of qcc.\n";
}

static Error dispatch(ArrayRef<std::string> arguments) {
  if (arguments.empty())
    return makeUsageError("no command was given; 'qcc --help' lists them");
  StringRef name = arguments.front();
  if (name == "--version") {
    outs() << versionText << " (LLVM " LLVM_VERSION_STRING ")\n";
    return Error::success();
  }
  if (name == "--help" || name == "-h") {
    printHelp();
    return Error::success();
  }
  for (const Command *command : getCommands()) {
    if (command->spec.name != name)
      continue;
    for (const std::string &argument : arguments.drop_front()) {
      if (argument == "--")
        break;
      if (argument == "--help" || argument == "-h") {
        Expected<std::string> help =
            makeHelp(command->spec, arguments.drop_front());
        if (help)
          outs() << *help;
        return help.takeError();
      }
    }
    Expected<Arguments> parsed =
        parseArguments(command->spec, arguments.drop_front());
    if (!parsed)
      return parsed.takeError();
    return command->run(*parsed);
  }
  return makeUsageError(Twine("unknown ") +
                        (name.starts_with("-") ? "option" : "command") + " '" +
                        name + "'; 'qcc --help' lists the commands");
}

ExitCode report(Error error) {
  ExitCode code = ExitCode::Done;
  auto raise = [&](ExitCode other) { code = std::max(code, other); };
  handleAllErrors(
      std::move(error),
      [&](const CommandError &error) {
        raise(error.getCode());
        if (error.getMessage().empty())
          return;
        clearProgress();
        errs() << "qcc: "
               << (error.getCode() == ExitCode::Defect ? "defect: " : "error: ")
               << error.getMessage() << '\n';
      },
      [&](const ErrorInfoBase &error) {
        raise(ExitCode::Usage);
        errs() << "qcc: error: " << error.message() << '\n';
      });
  return code;
}

ExitCode runCommand(ArrayRef<std::string> arguments) {
  ExitCode code = report(dispatch(arguments));
  outs().flush();
  if (!outs().has_error())
    return code;
  // For instance a full disk, or `qcc inspect | head`.
  std::error_code reason = outs().error();
  outs().clear_error();
  if (reason != std::errc::broken_pipe)
    errs() << "qcc: error: standard output cannot be written: "
           << reason.message() << '\n';
  return std::max(code, ExitCode::Usage);
}

} // namespace qcc::driver
