// What a link that fails is: a defect, or the user's to mend.

#include "lib/Host/Link.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/TargetParser/Host.h"

#include <gtest/gtest.h>

using namespace llvm;
using namespace qcc;

static Triple getHost() { return Triple(sys::getProcessTriple()); }

TEST(Link, ObjectsThatAreNoneAreADefect) {
  SmallString<128> path;
  ASSERT_FALSE(sys::fs::createTemporaryFile("model", "so", path));
  StringRef text("no object");
  ObjectCode object(text.begin(), text.end());
  Error error = host::linkSharedObject(object, getHost(), path, path);
  EXPECT_TRUE(error.isA<DefectError>());
  std::string message = toString(std::move(error));
  EXPECT_NE(message.find("cannot link " + path.str().str()), std::string::npos)
      << message;
  sys::fs::remove(path);
}

TEST(Link, AFileThatCannotBeWrittenIsNone) {
  // The folder is gone, as when another process removes it meanwhile.
  StringRef path = "/no such folder/model.so";
  Error error = host::linkSharedObject({}, getHost(), path, path);
  EXPECT_FALSE(error.isA<DefectError>());
  std::string message = toString(std::move(error));
  EXPECT_NE(message.find("/no such folder/model.so"), std::string::npos)
      << message;
}
