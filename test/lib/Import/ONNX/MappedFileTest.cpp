// Files that a model names must lie in its own folder, whatever the path says.

#include "lib/Import/ONNX/MappedFile.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"

#include <sys/stat.h>
#include <unistd.h>

using namespace qcc::importer;

namespace {

class ExternalFilesTest : public testing::Test {
protected:
  void SetUp() override {
    llvm::SmallString<128> path;
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("qcc-external", path));
    root = path.str().str();
    for (const char *folder : {"/model", "/model/sub", "/outside"})
      ASSERT_FALSE(llvm::sys::fs::create_directory(root + folder));
    write("/model/weights.bin");
    write("/model/sub/weights.bin");
    write("/outside/secret");
  }
  void TearDown() override { llvm::sys::fs::remove_directories(root); }

  void write(const std::string &path) {
    std::error_code error;
    llvm::raw_fd_ostream(root + path, error) << path;
    ASSERT_FALSE(error);
  }

  /// Empty when the file could be opened.
  std::string open(llvm::StringRef location) {
    ExternalFiles files(root + "/model");
    auto bytes = files.open(location);
    return bytes ? "" : llvm::toString(bytes.takeError());
  }

  std::string root;
};

TEST_F(ExternalFilesTest, OpensWhatLiesInside) {
  EXPECT_EQ(open("weights.bin"), "");
  EXPECT_EQ(open("sub/weights.bin"), "");
  EXPECT_EQ(open("./sub//weights.bin"), "");
  ExternalFiles files(root + "/model");
  auto bytes = files.open("weights.bin");
  ASSERT_TRUE(bool(bytes));
  EXPECT_EQ((*bytes)->get().size(), strlen("/model/weights.bin"));
}

TEST_F(ExternalFilesTest, RefusesPathsThatLeave) {
  EXPECT_NE(open("../outside/secret").find("leaves"), std::string::npos);
  EXPECT_NE(open("sub/../../outside/secret").find("leaves"), std::string::npos);
  EXPECT_NE(open(root + "/outside/secret").find("not a path inside"),
            std::string::npos);
  EXPECT_NE(open(""), "");
  EXPECT_NE(open("."), "");
}

TEST_F(ExternalFilesTest, RefusesSymbolicLinksInEveryComponent) {
  ASSERT_EQ(symlink("../outside/secret", (root + "/model/link").c_str()), 0);
  ASSERT_EQ(symlink("../outside", (root + "/model/folder").c_str()), 0);
  EXPECT_NE(open("link").find("symbolic link"), std::string::npos);
  EXPECT_NE(open("folder/secret").find("symbolic link"), std::string::npos);
}

TEST_F(ExternalFilesTest, RefusesHardLinks) {
  ASSERT_EQ(
      link((root + "/outside/secret").c_str(), (root + "/model/hard").c_str()),
      0);
  EXPECT_NE(open("hard").find("hard links"), std::string::npos);
}

TEST_F(ExternalFilesTest, RefusesWhatIsNoFile) {
  ASSERT_EQ(mkfifo((root + "/model/pipe").c_str(), 0600), 0);
  EXPECT_NE(open("pipe").find("not a regular file"), std::string::npos);
  EXPECT_NE(open("sub").find("not a regular file"), std::string::npos);
  EXPECT_NE(open("missing").find("cannot be opened"), std::string::npos);
}

} // namespace
