// The command line as data: what is accepted, and what each refusal says.

#include "lib/Driver/CommandLine.h"
#include "test/lib/Driver/Testing.h"

using namespace qcc::driver;

namespace {

constexpr OptionSpec options[] = {
    {"--shape", "NAME=EXTENTS", "extents of an input", /*repeats=*/true},
    {"--report", "FILE", "where the\nreport goes"},
    {"--verbose", "", "tell more"},
    {"-j", "N", "threads"},
    {"--secret", "", "", /*repeats=*/false, /*hidden=*/true},
};
const llvm::ArrayRef<OptionSpec> groups[] = {options};
const CommandSpec command = {"try", "MODEL", "try it", "Tries MODEL.", groups};
const CommandSpec bare = {"list", "", "list it", "Lists.", groups};

llvm::Expected<Arguments> parse(std::vector<std::string> words) {
  return Arguments::parse(command, words);
}

Arguments parseValid(std::vector<std::string> words) {
  auto arguments = parse(std::move(words));
  EXPECT_TRUE(bool(arguments));
  return std::move(*arguments);
}

std::string refuse(std::vector<std::string> words) {
  auto arguments = parse(std::move(words));
  EXPECT_FALSE(bool(arguments));
  return takeMessage(arguments.takeError(), ExitCode::Usage);
}

TEST(CommandLine, SpellingsOfOneOptionAreEqual) {
  for (const std::vector<std::string> &words :
       {std::vector<std::string>{"m", "--report=f", "-j8"},
        {"--report", "f", "-j", "8", "m"}}) {
    Arguments arguments = parseValid(words);
    EXPECT_EQ(arguments.getOperand(), "m");
    EXPECT_EQ(arguments.get("--report"), llvm::StringRef("f"));
    EXPECT_EQ(*arguments.getThreads("-j", 0), 8);
    EXPECT_FALSE(arguments.has("--verbose"));
  }
}

TEST(CommandLine, ValuesMayContainEqualSigns) {
  Arguments arguments = parseValid({"m", "--shape=a=2", "--shape", "b=c=3"});
  ASSERT_EQ(arguments.getAll("--shape").size(), 2u);
  EXPECT_EQ(arguments.getAll("--shape")[0], "a=2");
  EXPECT_EQ(arguments.getAll("--shape")[1], "b=c=3");
}

TEST(CommandLine, AfterTwoDashesEverythingIsAnOperand) {
  EXPECT_EQ(parseValid({"--", "--report"}).getOperand(), "--report");
  EXPECT_EQ(parseValid({"-"}).getOperand(), "-");
}

TEST(CommandLine, Refusals) {
  EXPECT_EQ(refuse({"m", "--reprot=f"}), "unknown option '--reprot' for 'qcc "
                                         "try'; did you mean '--report'?");
  EXPECT_EQ(refuse({"m", "--nothing-like-it"}),
            "unknown option '--nothing-like-it' for 'qcc try'; 'qcc try "
            "--help' lists what there is");
  EXPECT_EQ(refuse({"m", "--verbose=1"}),
            "option '--verbose' takes no value, but '1' was given");
  EXPECT_EQ(refuse({"m", "--report"}),
            "option '--report' needs a value: --report=FILE");
  EXPECT_EQ(refuse({"m", "-j"}), "option '-j' needs a value: -j N");
  EXPECT_EQ(refuse({"m", "--report=a", "--report=b"}),
            "option '--report' was given twice");
  EXPECT_EQ(refuse({"m", "n"}),
            "unexpected argument 'n': 'qcc try' takes one MODEL");
  EXPECT_EQ(refuse({}), "'qcc try' needs a MODEL");
  auto none = Arguments::parse(bare, {"m"});
  ASSERT_FALSE(bool(none));
  EXPECT_EQ(takeMessage(none.takeError(), ExitCode::Usage),
            "unexpected argument 'm': 'qcc list' takes none");
}

TEST(CommandLine, ASecretOptionIsTakenAndNeverProposed) {
  EXPECT_TRUE(parseValid({"m", "--secret"}).has("--secret"));
  EXPECT_EQ(refuse({"m", "--secre"}).find("did you mean"), std::string::npos);
  EXPECT_EQ(makeHelp(command).find("--secret"), std::string::npos);
}

TEST(CommandLine, Numbers) {
  auto refuseThreads = [](std::string text) {
    auto threads = parseValid({"m", "-j", text}).getThreads("-j", 1);
    EXPECT_FALSE(bool(threads));
    return takeMessage(threads.takeError(), ExitCode::Usage);
  };
  EXPECT_EQ(*parseValid({"m"}).getThreads("-j", 7), 7);
  EXPECT_EQ(*parseValid({"m", "-j1024"}).getThreads("-j", 7), 1024);
  EXPECT_EQ(refuseThreads("1025"),
            "option '-j' takes at most 1024 threads, not 1025");
  for (std::string text : {"0", "-1", "1.5", "", "99999999999999999999"})
    EXPECT_EQ(refuseThreads(text),
              "option '-j' needs an integer of at least 1, not '" + text + "'");
  EXPECT_EQ(*parseValid({"m", "-j", "2.5"}).getNumber("-j", 1), 2.5);
  for (std::string text : {"-1", "nan", "x"}) {
    auto number = parseValid({"m", "-j", text}).getNumber("-j", 1);
    ASSERT_FALSE(bool(number));
    EXPECT_EQ(takeMessage(number.takeError(), ExitCode::Usage),
              "option '-j' needs a number of at least 0, not '" + text + "'");
  }
}

TEST(CommandLine, WhatWouldBeIgnoredIsRefused) {
  Arguments arguments = parseValid({"m", "--verbose"});
  EXPECT_FALSE(bool(arguments.refuse("--report", "is for others")));
  EXPECT_EQ(
      takeMessage(arguments.refuse(options, "is for others"), ExitCode::Usage),
      "option '--verbose' is for others");
}

TEST(CommandLine, HelpStandsInColumns) {
  std::string help = makeHelp(command);
  EXPECT_EQ(help.find("usage: qcc try MODEL [options]\n\nTries MODEL.\n"), 0u);
  EXPECT_NE(help.find("\n  --report=FILE             where the\n" +
                      std::string(28, ' ') + "report goes\n"),
            std::string::npos);
  EXPECT_NE(help.find("\n  -j N                      threads\n"),
            std::string::npos);
}

} // namespace
