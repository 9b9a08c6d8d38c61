// The side file, as the runtime reads it.

#include "qcc/Runtime/WeightsFile.h"
#include "test/lib/Runtime/FakeModel.h"

#include "gtest/gtest.h"

#include <cstdio>

using namespace qcc::test;

namespace {

uint64_t getChecksum(const std::string &data, size_t piece) {
  qccrt_checksum sum;
  qccrt_checksum_begin(&sum);
  for (size_t at = 0; at < data.size(); at += piece)
    qccrt_checksum_add(&sum, data.data() + at,
                       std::min(piece, data.size() - at));
  return qccrt_checksum_end(&sum);
}

// Values of the reference implementation.
TEST(Checksum, IsXXH64) {
  EXPECT_EQ(getChecksum("", 1), UINT64_C(0xef46db3751d8e999));
  EXPECT_EQ(getChecksum("a", 1), UINT64_C(0xd24ec4f1a98c6e5b));
  EXPECT_EQ(getChecksum("abc", 3), UINT64_C(0x44bc2cf5ad770999));
  EXPECT_EQ(getChecksum("Nobody inspects the spammish repetition", 39),
            UINT64_C(0xfbcea83c8a378bf1));
}

TEST(Checksum, DoesNotDependOnPieces) {
  std::string data;
  for (int i = 0; i < 1000; ++i)
    data += static_cast<char>(i * 7);
  for (size_t piece : {1, 3, 8, 31, 32, 33, 64, 500})
    EXPECT_EQ(getChecksum(data, piece), getChecksum(data, 1000)) << piece;
}

class Weights : public testing::Test {
protected:
  void SetUp() override {
    payload.assign(10000, 'w');
    path = testing::TempDir() + "runtime-weights-test.weights";
    header.magic = QCCRT_WEIGHTS_MAGIC;
    header.version = QCCRT_WEIGHTS_VERSION;
    header.header_bytes = QCCRT_WEIGHTS_HEADER_BYTES;
    header.payload_bytes = payload.size();
    header.checksum = getChecksum(payload, payload.size());
    model.desc.description.weights_file = "fake.weights";
    model.desc.description.weights_bytes = header.payload_bytes;
    model.desc.weights_checksum = header.checksum;
  }
  void TearDown() override { remove(path.c_str()); }

  Result write(size_t bytes = SIZE_MAX) {
    std::string file(QCCRT_WEIGHTS_HEADER_BYTES, '\0');
    memcpy(file.data(), &header, sizeof(header));
    file += payload;
    FILE *stream = fopen(path.c_str(), "wb");
    fwrite(file.data(), 1, std::min(bytes, file.size()), stream);
    fclose(stream);
    return model.open(path.c_str());
  }

  std::string payload, path;
  qccrt_weights_header header = {};
  FakeModel model{[](qccrt_run *run) {
    const char *base = static_cast<const char *>(qccrt_constants(run));
    return reinterpret_cast<uintptr_t>(base) % 4096 == 0 && base[0] == 'w' &&
                   base[9999] == 'w'
               ? 0
               : 1;
  }};
};

TEST_F(Weights, AreMapped) {
  Result result = write();
  ASSERT_EQ(result.status, QCC_OK) << result.message;
  std::vector<DLManagedTensorVersioned *> out;
  EXPECT_EQ(model.run({}, out).status, QCC_OK);
}

TEST_F(Weights, MissingFile) {
  Result result = model.open("/nowhere/fake.weights");
  EXPECT_EQ(result.status, QCC_WEIGHTS);
  EXPECT_EQ(result.message,
            "cannot open the weights of model 'fake', /nowhere/fake.weights: "
            "No such file or directory; keep the file beside the model or pass "
            "its path to fake_open");
}

TEST_F(Weights, Folder) {
  Result result = model.open("/tmp");
  EXPECT_EQ(result.status, QCC_WEIGHTS);
  EXPECT_TRUE(contains(result.message, "/tmp is not a file"));
}

TEST_F(Weights, TruncatedFile) {
  for (size_t bytes : {size_t(0), size_t(10), size_t(4096)}) {
    Result result = write(bytes);
    EXPECT_EQ(result.status, QCC_WEIGHTS);
  }
  Result result = write(14095);
  EXPECT_EQ(result.status, QCC_WEIGHTS);
  EXPECT_TRUE(
      contains(result.message, "is truncated: it has 14095 bytes of 14096"));
}

TEST_F(Weights, AnyOtherFile) {
  header.magic = 1;
  Result result = write();
  EXPECT_EQ(result.status, QCC_WEIGHTS);
  EXPECT_TRUE(contains(result.message, "is not a weights file"));
}

TEST_F(Weights, AnotherVersion) {
  header.version = 9;
  EXPECT_TRUE(contains(write().message, "format version 9"));
}

TEST_F(Weights, AnotherModels) {
  header.checksum ^= 1;
  Result result = write();
  EXPECT_EQ(result.status, QCC_WEIGHTS);
  EXPECT_TRUE(contains(result.message, "another compilation"));
}

TEST_F(Weights, OneFlippedBit) {
  payload[5000] ^= 4;
  Result result = write();
  EXPECT_EQ(result.status, QCC_WEIGHTS);
  EXPECT_TRUE(contains(result.message, "is damaged"));
}

TEST_F(Weights, InsideTheObject) {
  alignas(4096) static char constants[10000];
  memset(constants, 'w', sizeof(constants));
  model.desc.description.weights_file = nullptr;
  model.desc.embedded_weights = constants;
  ASSERT_EQ(model.open().status, QCC_OK);
  std::vector<DLManagedTensorVersioned *> out;
  EXPECT_EQ(model.run({}, out).status, QCC_OK);
}

} // namespace
