#include "lib/Host/WeightsFile.h"
#include "qcc/Runtime/WeightsFile.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "gtest/gtest.h"

using namespace llvm;
using qcc::host::WeightsFile;
using qcc::host::WeightsInterface;

namespace {

struct Weights : testing::Test {
  void SetUp() override {
    ASSERT_FALSE(sys::fs::createUniqueDirectory("qcc-weights", folder));
    path = (folder + "/m.weights").str();
  }
  void TearDown() override { sys::fs::remove_directories(folder); }
  size_t countFiles() {
    std::error_code error;
    size_t count = 0;
    for (sys::fs::directory_iterator it(folder, error), end; it != end;
         it.increment(error))
      ++count;
    return count;
  }
  SmallString<128> folder;
  std::string path;
};

TEST_F(Weights, BlobsLieAlignedInTheFile) {
  auto writer = cantFail(WeightsFile::create(path));
  std::string first = "first", second(3000000, 's'), third = "third";
  EXPECT_EQ(cantFail(writer->append(ArrayRef(first.data(), first.size()))), 0u);
  uint64_t late = writer->reserve(third.size(), 4096);
  EXPECT_EQ(late, 4096u);
  uint64_t offset =
      cantFail(writer->append(ArrayRef(second.data(), second.size())));
  EXPECT_EQ(offset, 4160u);
  cantFail(writer->write(late, ArrayRef(third.data(), third.size())));
  EXPECT_FALSE(sys::fs::exists(path));
  WeightsInterface weights = cantFail(writer->finish());
  EXPECT_FALSE(sys::fs::exists(path));
  cantFail(writer->publish());
  EXPECT_EQ(weights.file, "m.weights");
  EXPECT_EQ(weights.bytes, 4160u + 3000000u);
  EXPECT_EQ(weights.embedded, "");

  auto buffer = MemoryBuffer::getFile(path);
  ASSERT_TRUE(bool(buffer));
  StringRef file = (*buffer)->getBuffer();
  ASSERT_EQ(file.size(), 4096 + weights.bytes);
  qccrt_weights_header header;
  memcpy(&header, file.data(), sizeof(header));
  EXPECT_EQ(header.magic, QCCRT_WEIGHTS_MAGIC);
  EXPECT_EQ(header.payload_bytes, weights.bytes);
  EXPECT_EQ(header.checksum, weights.checksum);
  StringRef payload = file.drop_front(4096);
  EXPECT_TRUE(payload.starts_with(StringRef("first\0\0", 7)));
  EXPECT_TRUE(payload.drop_front(late).starts_with("third"));
  EXPECT_EQ(payload.drop_front(offset), second);
  qccrt_checksum sum;
  qccrt_checksum_begin(&sum);
  qccrt_checksum_add(&sum, payload.data(), payload.size());
  EXPECT_EQ(qccrt_checksum_end(&sum), weights.checksum);
}

TEST_F(Weights, FewBytesAreEmbedded) {
  {
    auto writer = cantFail(WeightsFile::create(path));
    std::string data = "data";
    cantFail(writer->append(ArrayRef(data.data(), data.size())));
    writer->reserve(4, 8);
    WeightsInterface weights = cantFail(writer->finish());
    EXPECT_EQ(weights.file, "");
    EXPECT_EQ(weights.bytes, 12u);
    EXPECT_EQ(weights.embedded, StringRef("data\0\0\0\0\0\0\0\0", 12).str());
  }
  EXPECT_EQ(countFiles(), 0u);
}

TEST_F(Weights, NothingIsLeftWhenNotPublished) {
  {
    auto writer = cantFail(WeightsFile::create(path));
    writer->reserve(100000);
    cantFail(writer->finish());
  }
  EXPECT_EQ(countFiles(), 0u);
}

TEST_F(Weights, AnEarlierFileIsRemovedWhenAllIsEmbedded) {
  {
    auto writer = cantFail(WeightsFile::create(path));
    writer->reserve(100000);
    cantFail(writer->finish());
    cantFail(writer->publish());
  }
  EXPECT_EQ(countFiles(), 1u);
  {
    auto writer = cantFail(WeightsFile::create(path));
    writer->reserve(100);
    cantFail(writer->finish());
    EXPECT_TRUE(sys::fs::exists(path));
    cantFail(writer->publish());
  }
  EXPECT_EQ(countFiles(), 0u);
}

TEST_F(Weights, UnwritableFolder) {
  auto writer = WeightsFile::create((folder + "/none/m.weights").str());
  ASSERT_FALSE(bool(writer));
  std::string message = toString(writer.takeError());
  EXPECT_NE(message.find("cannot write the weights file"), std::string::npos)
      << message;
}

} // namespace
