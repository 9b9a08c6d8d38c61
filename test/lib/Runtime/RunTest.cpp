// Inputs, outputs, memory and errors of a run.

#include "test/lib/Runtime/FakeModel.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <atomic>
#include <cfloat>
#include <cstdlib>
#include <fenv.h>

using namespace qcc::test;

namespace {

using Outputs = std::vector<DLManagedTensorVersioned *>;

// y[n, 3] = x[n, 3] + 1
int32_t addOne(qccrt_run *run) {
  int64_t dims[] = {qccrt_input_dim(run, 0, 0), 3};
  const float *x = static_cast<const float *>(qccrt_input(run, 0));
  float *y = static_cast<float *>(qccrt_output(run, 0, 2, dims));
  if (!y)
    return 1;
  for (int64_t i = 0; i < dims[0] * 3; ++i)
    y[i] = x[i] + 1;
  return 0;
}

FakeModel::Dims rows3 = {{-1, "rows"}, {3, nullptr}};

class Run : public testing::Test {
protected:
  void SetUp() override {
    model.addInput("x", rows3).addOutput("y", rows3);
    ASSERT_EQ(model.open().status, QCC_OK);
  }
  void TearDown() override {
    for (DLManagedTensorVersioned *&tensor : out)
      release(tensor);
  }
  FakeModel model{addOne};
  Tensor x{{1, 2, 3, 4, 5, 6}, {2, 3}};
  Outputs out;
};

TEST_F(Run, MakesTheOutput) {
  Result result = model.run({&x.tensor}, out);
  ASSERT_EQ(result.status, QCC_OK) << result.message;
  const DLTensor &y = out[0]->dl_tensor;
  EXPECT_EQ(out[0]->version.major, 1u);
  EXPECT_EQ(y.ndim, 2);
  EXPECT_EQ(y.shape[0], 2);
  EXPECT_EQ(y.strides[0], 3);
  EXPECT_EQ(y.strides[1], 1);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(y.data) % 64, 0u);
  EXPECT_EQ(takeValues(out[0]), (Values{2, 3, 4, 5, 6, 7}));
}

TEST_F(Run, OutputOutlivesTheModel) {
  ASSERT_EQ(model.run({&x.tensor}, out).status, QCC_OK);
  qccrt_close(model.instance);
  model.instance = nullptr;
  EXPECT_EQ(takeValues(out[0]), (Values{2, 3, 4, 5, 6, 7}));
}

TEST_F(Run, HonoursStrides) {
  x.setStrides({1, 2}); // transposed
  ASSERT_EQ(model.run({&x.tensor}, out).status, QCC_OK);
  EXPECT_EQ(takeValues(out[0]), (Values{2, 4, 6, 3, 5, 7}));
}

TEST_F(Run, HonoursNegativeStridesAndOffset) {
  x.setStrides({-3, 1}); // rows from the last to the first
  x.tensor.byte_offset = 3 * sizeof(float);
  ASSERT_EQ(model.run({&x.tensor}, out).status, QCC_OK);
  EXPECT_EQ(takeValues(out[0]), (Values{5, 6, 7, 2, 3, 4}));
}

TEST_F(Run, HonoursOuterStrides) {
  Tensor wide({1, 2, 3, 9, 4, 5, 6, 9}, {2, 3});
  wide.setStrides({4, 1});
  ASSERT_EQ(model.run({&wide.tensor}, out).status, QCC_OK);
  EXPECT_EQ(takeValues(out[0]), (Values{2, 3, 4, 5, 6, 7}));
}

TEST_F(Run, CopiesUnalignedInputs) {
  std::vector<char> bytes(6 * sizeof(float) + 1);
  memcpy(bytes.data() + 1, x.values.data(), 6 * sizeof(float));
  x.tensor.data = bytes.data() + 1;
  ASSERT_EQ(model.run({&x.tensor}, out).status, QCC_OK);
  EXPECT_EQ(takeValues(out[0]), (Values{2, 3, 4, 5, 6, 7}));
}

TEST_F(Run, TakesEmptyTensors) {
  Tensor empty({}, {0, 3});
  ASSERT_EQ(model.run({&empty.tensor}, out).status, QCC_OK);
  EXPECT_EQ(out[0]->dl_tensor.shape[0], 0);
  EXPECT_EQ(takeValues(out[0]), Values());
}

TEST_F(Run, RefusesNullInput) {
  Result result = model.run({nullptr}, out);
  EXPECT_EQ(result.status, QCC_INVALID_ARGUMENT);
  EXPECT_EQ(result.message,
            "input 0 ('x') is NULL: pass a tensor float32[rows, 3]");
}

TEST_F(Run, RefusesMissingData) {
  x.tensor.data = nullptr;
  EXPECT_EQ(model.run({&x.tensor}, out).status, QCC_INVALID_ARGUMENT);
}

TEST_F(Run, RefusesAnotherType) {
  x.tensor.dtype = i64;
  Result result = model.run({&x.tensor}, out);
  EXPECT_EQ(result.status, QCC_INPUT_MISMATCH);
  EXPECT_EQ(result.message,
            "input 0 ('x') is int64[2, 3], and the model takes float32[rows, "
            "3]: convert or reshape it");
}

TEST_F(Run, RefusesAnotherRank) {
  Tensor flat({1, 2, 3}, {3});
  Result result = model.run({&flat.tensor}, out);
  EXPECT_EQ(result.status, QCC_INPUT_MISMATCH);
  EXPECT_TRUE(contains(result.message, "float32[3], and the model takes"));
}

TEST_F(Run, RefusesAnotherExtent) {
  Tensor wrong({1, 2, 3, 4}, {2, 2});
  Result result = model.run({&wrong.tensor}, out);
  EXPECT_EQ(result.status, QCC_INPUT_MISMATCH);
  EXPECT_EQ(result.message, "input 0 ('x'): extent 1 is 2, and the model takes "
                            "float32[rows, 3]");
}

TEST_F(Run, RefusesNegativeAndHugeExtents) {
  x.shape[0] = -1;
  EXPECT_EQ(model.run({&x.tensor}, out).status, QCC_INPUT_MISMATCH);
  x.shape[0] = INT64_MAX / 4;
  Result result = model.run({&x.tensor}, out);
  EXPECT_EQ(result.status, QCC_INPUT_MISMATCH);
  EXPECT_TRUE(contains(result.message, "63 bits"));
}

TEST_F(Run, RefusesAnotherDevice) {
  x.tensor.device = {kDLCUDA, 0};
  Result result = model.run({&x.tensor}, out);
  EXPECT_EQ(result.status, QCC_INPUT_MISMATCH);
  EXPECT_TRUE(contains(result.message, "device type 2"));
}

TEST_F(Run, RefusesNullArguments) {
  qcc_error *error = nullptr;
  EXPECT_EQ(qccrt_run_model(&model.desc, nullptr, nullptr, nullptr, &error),
            QCC_INVALID_ARGUMENT);
  qccrt_free_error(error);
  EXPECT_EQ(qccrt_run_model(&model.desc, model.instance, nullptr, out.data(),
                            nullptr),
            QCC_INVALID_ARGUMENT);
  qccrt_close(nullptr);
  qccrt_free_error(nullptr);
}

TEST_F(Run, RefusesAnotherModelsInstance) {
  FakeModel other(addOne);
  other.addInput("x", rows3).addOutput("y", rows3);
  ASSERT_EQ(other.open().status, QCC_OK);
  const DLTensor *inputs[] = {&x.tensor};
  out.resize(1);
  EXPECT_EQ(
      qccrt_run_model(&other.desc, model.instance, inputs, out.data(), nullptr),
      QCC_INVALID_ARGUMENT);
}

struct Callers : Run {
  Tensor buffer{std::vector<float>(6), {2, 3}};
  DLManagedTensorVersioned managed = {};
  Result runInto() {
    managed.version = {1, 0};
    managed.dl_tensor = buffer.tensor;
    out = {&managed};
    Result result = model.run({&x.tensor}, out);
    EXPECT_EQ(out[0], &managed);
    out.clear();
    return result;
  }
};

TEST_F(Callers, BufferIsUsed) {
  Result result = runInto();
  ASSERT_EQ(result.status, QCC_OK) << result.message;
  EXPECT_EQ(buffer.values, (Values{2, 3, 4, 5, 6, 7}));
}

TEST_F(Run, NamesEveryType) {
  for (auto [code, bits, name] :
       {std::tuple(kDLFloat4_e2m1fn, 4, "float4_e2m1fn"),
        std::tuple(kDLFloat6_e3m2fn, 6, "float6_e3m2fn"),
        std::tuple(kDLFloat8_e5m2, 8, "float8_e5m2"),
        std::tuple(kDLBfloat, 16, "bfloat16"), std::tuple(kDLBool, 8, "bool"),
        std::tuple(kDLOpaqueHandle, 64, "DLPack type 3 of 64 bits")}) {
    x.tensor.dtype = {static_cast<uint8_t>(code), static_cast<uint8_t>(bits),
                      1};
    Result result = model.run({&x.tensor}, out);
    EXPECT_EQ(result.status, QCC_INPUT_MISMATCH);
    EXPECT_TRUE(contains(result.message, std::string("is ") + name + "[2, 3]"));
  }
}

TEST_F(Callers, BufferThatOverlapsAnInputIsRefused) {
  std::vector<float> memory(9);
  x.tensor.data = memory.data();
  for (int64_t first : {0, 3}) {
    buffer.tensor.data = memory.data() + first;
    Result result = runInto();
    EXPECT_EQ(result.status, QCC_OUTPUT_MISMATCH);
    EXPECT_TRUE(contains(result.message, "overlaps input 0 ('x')"));
  }
}

TEST_F(Callers, BufferBesideAnInputIsUsed) {
  std::vector<float> memory(12);
  x.tensor.data = memory.data();
  buffer.tensor.data = memory.data() + 6;
  Result result = runInto();
  ASSERT_EQ(result.status, QCC_OK) << result.message;
  EXPECT_EQ(memory[6], 1);
}

TEST_F(Callers, BufferThatOverlapsACopiedInputIsUsed) {
  x.setStrides({1, 2});
  buffer.tensor.data = x.values.data();
  Result result = runInto();
  ASSERT_EQ(result.status, QCC_OK) << result.message;
  EXPECT_EQ(x.values, (Values{2, 4, 6, 3, 5, 7}));
}

TEST_F(Callers, EmptyBufferNeedsNoMemory) {
  x.shape[0] = buffer.shape[0] = 0;
  buffer.tensor.data = nullptr;
  Result result = runInto();
  EXPECT_EQ(result.status, QCC_OK) << result.message;
}

TEST_F(Callers, BufferWithoutShapeIsRefused) {
  buffer.tensor.shape = nullptr;
  Result result = runInto();
  EXPECT_EQ(result.status, QCC_OUTPUT_MISMATCH);
  EXPECT_TRUE(contains(result.message, "has no shape"));
}

TEST_F(Callers, BufferOfOtherExtentsIsRefused) {
  buffer.shape = {3, 2};
  buffer.tensor.shape = buffer.shape.data();
  Result result = runInto();
  EXPECT_EQ(result.status, QCC_OUTPUT_MISMATCH);
  EXPECT_EQ(result.message,
            "the buffer for output 0 ('y') has other extents: this run needs "
            "float32[2, 3]; pass such a buffer, or NULL to receive a new one");
}

TEST_F(Callers, BufferOfAnotherTypeIsRefused) {
  buffer.tensor.dtype = i64;
  EXPECT_EQ(runInto().status, QCC_OUTPUT_MISMATCH);
}

TEST_F(Callers, StridedBufferIsRefused) {
  buffer.setStrides({1, 2});
  EXPECT_EQ(runInto().status, QCC_OUTPUT_MISMATCH);
}

TEST_F(Callers, ReadOnlyBufferIsRefused) {
  managed.flags = DLPACK_FLAG_BITMASK_READ_ONLY;
  EXPECT_EQ(runInto().status, QCC_OUTPUT_MISMATCH);
}

TEST(Symbols, MustAgreeBetweenInputs) {
  FakeModel model(addOne);
  model.addInput("x", rows3)
      .addInput("mask", {{1, nullptr}, {-1, "rows"}})
      .addOutput("y", rows3);
  ASSERT_EQ(model.open().status, QCC_OK);
  Tensor x({1, 2, 3}, {1, 3}), mask({1, 2}, {1, 2});
  Outputs out;
  Result result = model.run({&x.tensor, &mask.tensor}, out);
  EXPECT_EQ(result.status, QCC_INPUT_MISMATCH);
  EXPECT_EQ(result.message,
            "input 1 ('mask'): extent 1, 'rows', is 2, but it is 1 in input 0 "
            "('x'), extent 0: extents of one name must be equal");
  mask.shape[1] = 1;
  EXPECT_EQ(model.run({&x.tensor, &mask.tensor}, out).status, QCC_OK);
  release(out[0]);
}

TEST(Symbols, UnnamedExtentsAreIndependent) {
  FakeModel::Dims any = {{-1, nullptr}, {3, nullptr}};
  FakeModel model(addOne);
  model.addInput("a", any).addInput("b", any).addOutput("y", rows3);
  ASSERT_EQ(model.open().status, QCC_OK);
  Tensor a({1, 2, 3}, {1, 3}), b({1, 2, 3, 4, 5, 6}, {2, 3});
  Outputs out;
  EXPECT_EQ(model.run({&a.tensor, &b.tensor}, out).status, QCC_OK);
  release(out[0]);
}

int32_t refuse(qccrt_run *run) {
  int64_t dims[] = {1, 3};
  EXPECT_NE(qccrt_output(run, 0, 2, dims), nullptr);
  qccrt_fail(run, "node 'gather': index 7 is outside of 0..2");
  qccrt_fail(run, "a second error");
  return 1;
}

TEST(Failure, FirstErrorCountsAndOutputsAreNull) {
  FakeModel model(refuse);
  model.addOutput("y", rows3);
  ASSERT_EQ(model.open().status, QCC_OK);
  Outputs out;
  Result result = model.run({}, out);
  EXPECT_EQ(result.status, QCC_MODEL_CHECK);
  EXPECT_EQ(result.message,
            "model 'fake': node 'gather': index 7 is outside of 0..2");
  EXPECT_EQ(out[0], nullptr);
}

TEST(Failure, DefectsAreReported) {
  for (auto main :
       {+[](qccrt_run *) { return 0; }, +[](qccrt_run *) { return 3; },
        +[](qccrt_run *run) {
          int64_t dims[] = {1, 4}; // contradicts the description
          return qccrt_output(run, 0, 2, dims) ? 0 : 1;
        },
        +[](qccrt_run *run) {
          return qccrt_output(run, 5, 0, nullptr) ? 0 : 1;
        }}) {
    FakeModel model(main);
    model.addOutput("y", rows3);
    ASSERT_EQ(model.open().status, QCC_OK);
    Outputs out;
    Result result = model.run({}, out);
    EXPECT_EQ(result.status, QCC_INTERNAL);
    EXPECT_TRUE(contains(result.message, "please report it"));
  }
}

// Counts what is taken and given back, and fails where told to.
struct Host {
  std::atomic<int64_t> live = 0, taken = 0, most = 0;
  int64_t failAt = -1;
  qcc_env makeEnv() {
    qcc_env env = qcc::test::makeEnv(1);
    env.user = this;
    env.alloc = [](void *user, uint64_t bytes, uint64_t alignment) -> void * {
      Host *host = static_cast<Host *>(user);
      if (host->taken++ == host->failAt)
        return nullptr;
      host->live += static_cast<int64_t>(bytes);
      host->most = std::max<int64_t>(host->most, host->live);
      return aligned_alloc(alignment, (bytes + alignment - 1) & -alignment);
    };
    env.free = [](void *user, void *pointer, uint64_t bytes) {
      static_cast<Host *>(user)->live -= static_cast<int64_t>(bytes);
      free(pointer);
    };
    return env;
  }
};

int32_t useAllMemory(qccrt_run *run) {
  char *arena = static_cast<char *>(qccrt_arena(run, 5 << 20));
  if (!arena)
    return 1;
  EXPECT_EQ(reinterpret_cast<uintptr_t>(arena) % (2 << 20), 0u);
  arena[0] = arena[(5 << 20) - 1] = 1;
  char *scratch = static_cast<char *>(qccrt_alloc(run, 0, 1000));
  if (!scratch)
    return 1;
  EXPECT_EQ(reinterpret_cast<uintptr_t>(scratch) % 64, 0u);
  scratch[999] = 1;
  return addOne(run);
}

TEST(Memory, ComesFromTheHostAndGoesBack) {
  Host host;
  FakeModel model(useAllMemory);
  model.addInput("x", rows3).addOutput("y", rows3);
  ASSERT_EQ(model.open(host.makeEnv()).status, QCC_OK);
  Tensor x({1, 2, 3}, {1, 3});
  Outputs out;
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(model.run({&x.tensor}, out).status, QCC_OK);
    EXPECT_EQ(takeValues(out[0]), (Values{2, 3, 4}));
    EXPECT_EQ(host.live, 5 << 20); // the arena waits for the next run
  }
  EXPECT_EQ(host.taken, 1 + 3 * 2);
  qccrt_close(model.instance);
  model.instance = nullptr;
  EXPECT_EQ(host.live, 0);
}

TEST(Memory, EveryFailureIsAnError) {
  for (int64_t failAt = 0; failAt < 3; ++failAt) {
    Host host;
    host.failAt = failAt;
    FakeModel model(useAllMemory);
    model.addInput("x", rows3).addOutput("y", rows3);
    ASSERT_EQ(model.open(host.makeEnv()).status, QCC_OK);
    Tensor x({1, 2, 3}, {1, 3});
    Outputs out;
    Result result = model.run({&x.tensor}, out);
    EXPECT_EQ(result.status, QCC_OUT_OF_MEMORY);
    EXPECT_TRUE(contains(result.message, "no memory for"));
    qccrt_close(model.instance);
    model.instance = nullptr;
    EXPECT_EQ(host.live, 0);
  }
}

constexpr int64_t layerBytes = 100000;

// A residual chain: of each layer two buffers beside the one that it begins
// with.
int32_t runChain(qccrt_run *run) {
  char *x = static_cast<char *>(qccrt_alloc(run, 0, layerBytes));
  for (int32_t i = 1; i < 3 * 24; i += 3) {
    for (int32_t j = i; x && j < i + 3; ++j) {
      // Extents differ a little from layer to layer.
      int64_t bytes = layerBytes - 640 * (j % 7);
      x = static_cast<char *>(qccrt_alloc(run, j, bytes));
      if (x)
        x[0] = x[bytes - 1] = 1;
    }
    if (!x)
      return 1;
    qccrt_release(run, i - 1);
    qccrt_release(run, i);
    qccrt_release(run, i + 1);
  }
  return addOne(run);
}

TEST(Memory, WhatIsGivenBackIsReused) {
  Host host;
  FakeModel model(runChain);
  model.addInput("x", rows3).addOutput("y", rows3);
  ASSERT_EQ(model.open(host.makeEnv()).status, QCC_OK);
  Tensor x({1, 2, 3}, {1, 3});
  Outputs out;
  ASSERT_EQ(model.run({&x.tensor}, out).status, QCC_OK);
  release(out[0]);
  EXPECT_EQ(host.live, 0);
  EXPECT_LE(host.most, 4 * layerBytes * 13 / 10);
  EXPECT_LE(host.taken, 24);
}

// Each step needs memory that no spare block fits.
int32_t runGrowing(qccrt_run *run) {
  for (int32_t i = 0; i < 10; ++i) {
    if (!qccrt_alloc(run, i, int64_t(1000) << i))
      return 1;
    qccrt_release(run, i);
  }
  return addOne(run);
}

TEST(Memory, SpareBlocksAreNoMoreThanWasOnceInUse) {
  Host host;
  FakeModel model(runGrowing);
  model.addInput("x", rows3).addOutput("y", rows3);
  ASSERT_EQ(model.open(host.makeEnv()).status, QCC_OK);
  Tensor x({1, 2, 3}, {1, 3});
  Outputs out;
  ASSERT_EQ(model.run({&x.tensor}, out).status, QCC_OK);
  release(out[0]);
  EXPECT_EQ(host.live, 0);
  EXPECT_LE(host.most, (1000 << 9) + 4096);
}

// A loop hands its buffer on, so that one number has several blocks; and a
// branch that was not taken has none.
int32_t runLoop(qccrt_run *run) {
  char *last = nullptr;
  for (int i = 0; i < 4; ++i) {
    char *next = static_cast<char *>(qccrt_alloc(run, 0, 1000));
    if (!next || next == last)
      return 1;
    last = next;
  }
  qccrt_release(run, 0);
  qccrt_release(run, 1);
  for (int i = 0; i < 4; ++i)
    if (!qccrt_alloc(run, 2, 900))
      return 1;
  return addOne(run);
}

TEST(Memory, AllBlocksOfABufferAreGivenBack) {
  Host host;
  FakeModel model(runLoop);
  model.addInput("x", rows3).addOutput("y", rows3);
  ASSERT_EQ(model.open(host.makeEnv()).status, QCC_OK);
  Tensor x({1, 2, 3}, {1, 3});
  Outputs out;
  ASSERT_EQ(model.run({&x.tensor}, out).status, QCC_OK);
  release(out[0]);
  EXPECT_EQ(host.taken, 5);
  EXPECT_EQ(host.live, 0);
}

TEST(Memory, GrowingArenasReplaceEachOther) {
  static int64_t wanted;
  Host host;
  FakeModel model(
      +[](qccrt_run *run) { return qccrt_arena(run, wanted) ? 0 : 1; });
  ASSERT_EQ(model.open(host.makeEnv()).status, QCC_OK);
  Outputs out;
  for (wanted = 100; wanted < 10000; wanted += 1000)
    EXPECT_EQ(model.run({}, out).status, QCC_OK);
  EXPECT_EQ(host.live, wanted - 1000);
  wanted = -1;
  EXPECT_EQ(model.run({}, out).status, QCC_OUT_OF_MEMORY);
}

TEST(Alias, IsTheInputsMemory) {
  FakeModel model(+[](qccrt_run *run) {
    int64_t dims[] = {3};
    float *y = static_cast<float *>(qccrt_output(run, 0, 1, dims));
    if (!y)
      return 1;
    y[1] = 9;
    return 0;
  });
  model.addInput("past", {{3, nullptr}})
      .addOutput("present", {{3, nullptr}}, 0);
  ASSERT_EQ(model.open().status, QCC_OK);
  Tensor past({1, 2, 3}, {3});
  Outputs out;
  ASSERT_EQ(model.run({&past.tensor}, out).status, QCC_OK);
  EXPECT_EQ(out[0]->dl_tensor.data, past.values.data());
  release(out[0]);
  EXPECT_EQ(past.values, (Values{1, 9, 3}));
  past.setStrides({-1});
  past.tensor.byte_offset = 8;
  Result result = model.run({&past.tensor}, out);
  EXPECT_EQ(result.status, QCC_OUTPUT_MISMATCH);
  EXPECT_TRUE(contains(result.message, "changed in place"));
}

TEST(Open, RefusesBadEnvironments) {
  FakeModel model(addOne);
  qcc_env env = makeEnv();
  env.size = 8;
  EXPECT_EQ(model.open(env).status, QCC_INVALID_ARGUMENT);
  env = makeEnv(-1);
  EXPECT_EQ(model.open(env).status, QCC_INVALID_ARGUMENT);
  env = makeEnv();
  env.free = [](void *, void *, uint64_t) {};
  Result result = model.open(env);
  EXPECT_EQ(result.status, QCC_INVALID_ARGUMENT);
  EXPECT_TRUE(contains(result.message, "set both or neither"));
  EXPECT_EQ(qccrt_open(&model.desc, nullptr, nullptr, nullptr, nullptr),
            QCC_INVALID_ARGUMENT);
  EXPECT_EQ(model.instance, nullptr);
}

TEST(Open, RefusesAnotherAbi) {
  FakeModel model(addOne);
  model.desc.abi_version = 99;
  EXPECT_EQ(model.open().status, QCC_INTERNAL);
}

TEST(Open, ReadsTheNumberOfThreads) {
  FakeModel model(addOne);
  setenv("QCC_NUM_THREADS", "many", 1);
  Result result = model.open();
  EXPECT_EQ(result.status, QCC_INVALID_ARGUMENT);
  EXPECT_TRUE(contains(result.message, "QCC_NUM_THREADS is 'many'"));
  EXPECT_EQ(model.open(makeEnv(1)).status, QCC_OK); // env wins
  unsetenv("QCC_NUM_THREADS");
}

TEST(Environment, RoundingOfTheHostIsIgnoredAndKept) {
  FakeModel model(
      +[](qccrt_run *) { return fegetround() == FE_TONEAREST ? 0 : 1; });
  ASSERT_EQ(model.open().status, QCC_OK);
  Outputs out;
  fesetround(FE_UPWARD);
  Result result = model.run({}, out);
  int after = fegetround();
  fesetround(FE_TONEAREST);
  EXPECT_EQ(result.status, QCC_OK);
  EXPECT_EQ(after, FE_UPWARD);
}

// Raises "division by zero"; y[1] = x[0] / 2
int32_t divide(qccrt_run *run) {
  int64_t dims[] = {1};
  const float *x = static_cast<const float *>(qccrt_input(run, 0));
  float *y = static_cast<float *>(qccrt_output(run, 0, 1, dims));
  volatile float zero = 0, quotient = 1 / zero;
  (void)quotient;
  *y = *x / 2;
  return 0;
}

TEST(Environment, FlagsOfTheHostAreKept) {
  FakeModel model(divide);
  model.addInput("x", {{1, nullptr}}).addOutput("y", {{1, nullptr}});
  ASSERT_EQ(model.open().status, QCC_OK);
  Tensor x({1}, {1});
  for (int raised : {0, FE_OVERFLOW}) {
    for (int rounding : {FE_TONEAREST, FE_DOWNWARD}) {
      feclearexcept(FE_ALL_EXCEPT);
      feraiseexcept(raised);
      fesetround(rounding);
      Outputs out;
      Result result = model.run({&x.tensor}, out);
      int after = fetestexcept(FE_DIVBYZERO | FE_OVERFLOW);
      fesetround(FE_TONEAREST);
      feclearexcept(FE_ALL_EXCEPT);
      ASSERT_EQ(result.status, QCC_OK) << result.message;
      EXPECT_EQ(after, raised);
      release(out[0]);
    }
  }
}

#if defined(__x86_64__)
TEST(Environment, FlushingOfTheHostIsIgnoredAndKept) {
  FakeModel model(divide);
  model.addInput("x", {{1, nullptr}}).addOutput("y", {{1, nullptr}});
  ASSERT_EQ(model.open().status, QCC_OK);
  Tensor x({FLT_MIN}, {1});
  Outputs out;
  constexpr unsigned flush = 0x8040; // results and operands
  unsigned before = __builtin_ia32_stmxcsr();
  __builtin_ia32_ldmxcsr(before | flush);
  Result result = model.run({&x.tensor}, out);
  unsigned after = __builtin_ia32_stmxcsr();
  __builtin_ia32_ldmxcsr(before);
  ASSERT_EQ(result.status, QCC_OK) << result.message;
  EXPECT_EQ(after & flush, flush);
  EXPECT_EQ(takeValues(out[0]), (Values{FLT_MIN / 2}));
}
#endif

} // namespace
