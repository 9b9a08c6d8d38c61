#include "lib/Driver/CommandLine.h"

#include "lib/Driver/Errors.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace qcc::driver {

const OptionSpec *CommandSpec::find(StringRef option) const {
  for (ArrayRef<OptionSpec> group : options)
    for (const OptionSpec &spec : group)
      if (spec.name == option)
        return &spec;
  return nullptr;
}

static bool isLong(StringRef option) { return option.starts_with("--"); }

/// The option that `text` begins with when it is one of a single dash that is
/// joined with its value: -O2, -j8.
static const OptionSpec *findJoined(const CommandSpec &command,
                                    StringRef text) {
  if (isLong(text) || text.size() < 3)
    return nullptr;
  const OptionSpec *spec = command.find(text.take_front(2));
  return spec && !spec->value.empty() ? spec : nullptr;
}

static Error makeUnknown(const CommandSpec &command, StringRef option) {
  std::string message =
      ("unknown option '" + option + "' for 'qcc " + command.name + "'").str();
  StringRef nearest;
  unsigned least = 3;
  for (ArrayRef<OptionSpec> group : command.options) {
    for (const OptionSpec &spec : group) {
      unsigned distance = option.edit_distance(spec.name, true, least);
      if (!spec.hidden && distance < least) {
        least = distance;
        nearest = spec.name;
      }
    }
  }
  if (!nearest.empty())
    return makeUsageError(message + "; did you mean '" + nearest + "'?");
  return makeUsageError(message + "; 'qcc " + command.name +
                        " --help' lists what there is");
}

Error Arguments::addOption(const CommandSpec &command,
                           ArrayRef<std::string> arguments, size_t &index) {
  StringRef text = arguments[index];
  StringRef name = text;
  std::optional<StringRef> value;
  if (isLong(text) && text.contains('=')) {
    name = text.take_until([](char c) { return c == '='; });
    value = text.drop_front(name.size() + 1);
  }
  const OptionSpec *spec = command.find(name);
  if (!spec) {
    spec = findJoined(command, text);
    if (!spec)
      return makeUnknown(command, name);
    value = text.drop_front(2);
  }
  if (spec->value.empty() && value)
    return makeUsageError("option '" + spec->name + "' takes no value, but '" +
                          *value + "' was given");
  if (!spec->value.empty() && !value) {
    if (index + 1 == arguments.size())
      return makeUsageError("option '" + spec->name +
                            "' needs a value: " + spec->name +
                            (isLong(spec->name) ? "=" : " ") + spec->value);
    value = arguments[++index];
  }
  std::vector<std::string> &all = values[spec->name];
  if (!all.empty() && !spec->repeats)
    return makeUsageError("option '" + spec->name + "' was given twice");
  all.push_back(value.value_or("").str());
  return Error::success();
}

Expected<Arguments>
Arguments::parse(const CommandSpec &command, ArrayRef<std::string> arguments,
                 std::shared_ptr<const Extensions> extensions) {
  Arguments result;
  result.extensions = std::move(extensions);
  bool onlyOperands = false, hasOperand = false;
  for (size_t index = 0; index < arguments.size(); ++index) {
    StringRef text = arguments[index];
    if (!onlyOperands && text == "--") {
      onlyOperands = true;
    } else if (!onlyOperands && text.size() > 1 && text.starts_with("-")) {
      if (Error error = result.addOption(command, arguments, index))
        return std::move(error);
    } else if (command.operand.empty() || hasOperand) {
      return makeUsageError("unexpected argument '" + text + "': 'qcc " +
                            command.name + "' takes " +
                            (hasOperand ? "one " + command.operand : "none"));
    } else {
      result.operand = text.str();
      hasOperand = true;
    }
  }
  if (!command.operand.empty() && !hasOperand)
    return makeUsageError("'qcc " + command.name + "' needs a " +
                          command.operand);
  return result;
}

std::optional<StringRef> Arguments::get(StringRef option) const {
  auto found = values.find(option);
  if (found == values.end())
    return std::nullopt;
  return StringRef(found->second.back());
}

ArrayRef<std::string> Arguments::getAll(StringRef option) const {
  auto found = values.find(option);
  if (found == values.end())
    return {};
  return found->second;
}

Expected<int64_t> Arguments::getInteger(StringRef option, int64_t otherwise,
                                        int64_t least) const {
  std::optional<StringRef> text = get(option);
  if (!text)
    return otherwise;
  int64_t number;
  if (text->getAsInteger(10, number) || number < least)
    return makeUsageError("option '" + option + "' needs an integer of at " +
                          "least " + Twine(least) + ", not '" + *text + "'");
  return number;
}

Expected<double> Arguments::getNumber(StringRef option,
                                      double otherwise) const {
  std::optional<StringRef> text = get(option);
  if (!text)
    return otherwise;
  double number;
  if (text->getAsDouble(number) || !(number >= 0))
    return makeUsageError("option '" + option +
                          "' needs a number of at least " + "0, not '" + *text +
                          "'");
  return number;
}

Expected<int64_t> Arguments::getThreads(StringRef option,
                                        int64_t otherwise) const {
  constexpr int64_t most = 1024; // as the runtime's
  Expected<int64_t> threads = getInteger(option, otherwise, 1);
  if (threads && *threads > most)
    return makeUsageError("option '" + option + "' takes at most " +
                          Twine(most) + " threads, not " + Twine(*threads));
  return threads;
}

Error Arguments::refuse(StringRef option, const Twine &why) const {
  if (!has(option))
    return Error::success();
  return makeUsageError("option '" + option + "' " + why);
}

Error Arguments::refuse(ArrayRef<OptionSpec> options, const Twine &why) const {
  for (const OptionSpec &spec : options)
    if (Error error = refuse(spec.name, why))
      return error;
  return Error::success();
}

static std::string spell(const OptionSpec &spec) {
  std::string text = spec.name.str();
  if (!spec.value.empty())
    text += (isLong(spec.name) ? "=" : " ") + spec.value.str();
  return text;
}

std::string makeHelp(const CommandSpec &command) {
  std::string text;
  raw_string_ostream out(text);
  out << "usage: qcc " << command.name;
  if (!command.operand.empty())
    out << ' ' << command.operand;
  out << " [options]\n\n" << command.description << "\n\noptions:\n";
  for (ArrayRef<OptionSpec> group : command.options) {
    for (const OptionSpec &spec : group) {
      if (spec.hidden)
        continue;
      std::string left = spell(spec);
      out << "  " << left;
      if (left.size() > 24)
        out << "\n  " << std::string(26, ' ');
      else
        out << std::string(26 - left.size(), ' ');
      // Lines after the first stand below the first one's text.
      auto [first, rest] = spec.help.split('\n');
      out << first << '\n';
      while (!rest.empty()) {
        std::tie(first, rest) = rest.split('\n');
        out << std::string(28, ' ') << first << '\n';
      }
    }
  }
  return text;
}

} // namespace qcc::driver
