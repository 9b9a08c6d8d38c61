// Devices of a model: opened, used by runs, and what happens when they fail.
// Built a second time with ThreadSanitizer.

#include "test/lib/Runtime/FakeDevice.h"
#include "test/lib/Runtime/FakeModel.h"

#include "gtest/gtest.h"

#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace qcc::test;

namespace {

using Outputs = std::vector<DLManagedTensorVersioned *>;

constexpr char code[] = "other\0add"; // the last '\0' is the literal's
constexpr const char *entries[] = {"add"};
constexpr float constants[] = {7, 8, 100, 200};

// y[rows, 3] = x + 5 + the first of the device's constants, which goes by
// another copy of x in the device.
int32_t addOnDevice(qccrt_run *run) {
  int64_t dims[] = {qccrt_input_dim(run, 0, 0), 3};
  int64_t rows = dims[0], rowBytes = 3 * sizeof(float);
  int64_t bytes = rows * rowBytes;
  void *y = qccrt_output(run, 0, 2, dims);
  void *shift = qccrt_alloc(run, 0, sizeof(float));
  uint64_t x = qccrt_device_alloc(run, 0, 0, bytes);
  uint64_t sum = qccrt_device_alloc(run, 0, 0, 2 * bytes);
  if (!y || !shift || !x || !sum ||
      qccrt_device_copy_in(run, 0, x, qccrt_input(run, 0), bytes, 1, 0, 0) ||
      // every second row
      qccrt_device_copy_within(run, 0, sum, x, rowBytes, rows, rowBytes,
                               2 * rowBytes) ||
      qccrt_device_copy_out(run, 0, shift, qccrt_device_constants(run, 0),
                            sizeof(float), 1, 0, 0) ||
      qccrt_device_wait(run, 0))
    return 1;
  for (int64_t row = 0; row < rows; ++row) {
    uint64_t arguments[] = {sum + static_cast<uint64_t>(2 * row * rowBytes), 3,
                            5};
    arguments[2] += static_cast<uint64_t>(*static_cast<float *>(shift));
    if (qccrt_device_launch(run, 0, 0, arguments, 3))
      return 1;
  }
  // Not waited for: the runtime does.
  return qccrt_device_copy_out(run, 0, y, sum, rowBytes, rows, 2 * rowBytes,
                               rowBytes);
}

class Devices : public testing::Test {
protected:
  static constexpr uint64_t required[] = {4096, 64};

  explicit Devices(int32_t (*main)(qccrt_run *) = addOnDevice) : model(main) {
    device.driver = &getFakeDriver();
    device.machine = "small";
    device.code = code;
    device.code_bytes = sizeof(code);
    device.entries = entries;
    device.num_entries = 1;
    device.num_spaces = 2;
    device.required_bytes = required;
    device.constants_offset = 2 * sizeof(float);
    device.constants_bytes = 2 * sizeof(float);
    model.desc.devices = &device;
    model.desc.description.devices = &info;
    model.desc.description.num_devices = 1;
    model.desc.embedded_weights = constants;
    model.desc.description.weights_bytes = sizeof(constants);
    model.addInput("x", {{-1, "rows"}, {3, nullptr}})
        .addOutput("y", {{-1, "rows"}, {3, nullptr}});
  }
  void TearDown() override {
    for (DLManagedTensorVersioned *&tensor : out)
      release(tensor);
    close();
    getFakeDevices().failAt = -1;
    EXPECT_TRUE(getFakeDevices().isEmpty());
  }
  void close() {
    qccrt_close(model.instance);
    model.instance = nullptr;
  }
  void failAt(Call call, int at, int32_t status = QCC_DEVICE_FAILED) {
    getFakeDevices().failing = call;
    getFakeDevices().status = status;
    getFakeDevices().failAt = at;
  }

  qccrt_device_desc device = {};
  qcc_device_info info = {"toy0", "fake", "small", 4160, sizeof(code)};
  FakeModel model;
  Tensor x{{1, 2, 3, 4, 5, 6}, {2, 3}};
  Outputs out;
};

constexpr uint64_t Devices::required[];

TEST_F(Devices, Run) {
  ASSERT_EQ(model.open().message, "");
  EXPECT_EQ(getFakeDevices().machine, "small");
  Result result = model.run({&x.tensor}, out);
  ASSERT_EQ(result.status, QCC_OK) << result.message;
  EXPECT_EQ(takeValues(out[0]), (Values{106, 107, 108, 109, 110, 111}));
}

TEST_F(Devices, OpenAndCloseWithoutARun) {
  ASSERT_EQ(model.open().message, "");
  EXPECT_EQ(getFakeDevices().devices, 1);
  close();
  EXPECT_TRUE(getFakeDevices().isEmpty());
}

TEST_F(Devices, EmptyTensorsAreNotCopied) {
  ASSERT_EQ(model.open().message, "");
  Tensor empty({}, {0, 3});
  Result result = model.run({&empty.tensor}, out);
  ASSERT_EQ(result.status, QCC_OK) << result.message;
  EXPECT_EQ(takeValues(out[0]), Values());
}

TEST_F(Devices, MemoryIsKeptForTheNextRun) {
  ASSERT_EQ(model.open().message, "");
  ASSERT_EQ(model.run({&x.tensor}, out).status, QCC_OK);
  release(out[0]);
  int before = getFakeDevices().allocations;
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(model.run({&x.tensor}, out).status, QCC_OK);
    EXPECT_EQ(takeValues(out[0])[0], 106);
  }
  EXPECT_EQ(getFakeDevices().allocations, before);
}

TEST_F(Devices, OutgrownMemoryIsGivenBack) {
  ASSERT_EQ(model.open().message, "");
  for (int64_t rows : {20000, 21000}) {
    Tensor large(std::vector<float>(static_cast<size_t>(3 * rows)), {rows, 3});
    Result result = model.run({&large.tensor}, out);
    EXPECT_EQ(result.status, QCC_OK) << result.message;
    release(out[0]);
    EXPECT_EQ(getFakeDevices().pieces, 3); // of the constants, and two
  }
}

TEST_F(Devices, TooMuchMemoryIsAnError) {
  ASSERT_EQ(model.open().message, "");
  Tensor huge(std::vector<float>(3 * 50000), {50000, 3});
  Result result = model.run({&huge.tensor}, out);
  EXPECT_EQ(result.status, QCC_OUT_OF_MEMORY);
  EXPECT_EQ(result.message,
            "model 'fake', device 'toy0': no 1200000 bytes of its memory space "
            "0: 600008 bytes are in use: free memory of the device, or run "
            "smaller inputs");
  EXPECT_EQ(out[0], nullptr);
}

TEST_F(Devices, ConcurrentRuns) {
  ASSERT_EQ(model.open().message, "");
  std::vector<std::thread> callers;
  for (int c = 0; c < 4; ++c)
    callers.emplace_back([this, c] {
      Outputs out;
      for (int i = 0; i < 25; ++i) {
        float first = static_cast<float>(1000 * c + i);
        Tensor x(std::vector<float>(30, first), {10, 3});
        Result result = model.run({&x.tensor}, out);
        ASSERT_EQ(result.status, QCC_OK) << result.message;
        ASSERT_EQ(takeValues(out[0]), Values(30, first + 105));
      }
    });
  for (std::thread &caller : callers)
    caller.join();
  EXPECT_LE(getFakeDevices().queues, 4);
}

TEST_F(Devices, OneAnsweringForAnotherVersionIsRefused) {
  qcc_device_driver other = getFakeDriver();
  other.abi_version = 7;
  device.driver = &other;
  Result result = model.open();
  EXPECT_EQ(result.status, QCC_INTERNAL);
  EXPECT_EQ(result.message,
            "model 'fake', device 'toy0': its driver 'fake' has ABI version 7 "
            "and the runtime 1: build the target and compile the model with "
            "one version of qcc");
  other = getFakeDriver();
  other.size -= 8;
  EXPECT_EQ(model.open().status, QCC_INTERNAL);
}

TEST_F(Devices, WithOtherSpacesIsRefused) {
  device.num_spaces = 1;
  Result result = model.open();
  EXPECT_EQ(result.status, QCC_INTERNAL);
  EXPECT_TRUE(contains(result.message, "compiled for 1 memory spaces, and the "
                                       "driver 'fake' has 2"));
}

TEST_F(Devices, WithTooLittleMemoryIsRefused) {
  uint64_t much[] = {4096, 65};
  device.required_bytes = much;
  Result result = model.open();
  EXPECT_EQ(result.status, QCC_DEVICE);
  EXPECT_EQ(result.message,
            "model 'fake', device 'toy0': the model needs 65 bytes of memory "
            "space 1, and this device has 64: use one with more memory, or "
            "compile for another target");
}

TEST_F(Devices, UnknownEntryPointIsRefused) {
  const char *names[] = {"subtract"};
  device.entries = names;
  Result result = model.open();
  EXPECT_EQ(result.status, QCC_INTERNAL);
  EXPECT_EQ(result.message,
            "model 'fake', device 'toy0': subtract: there is no such entry "
            "point: a defect of qcc, please report it");
}

// What was opened before a failure is closed again.
TEST_F(Devices, SecondThatFailsClosesTheFirst) {
  qccrt_device_desc devices[] = {device, device};
  qcc_device_info infos[] = {info, {"toy1", "fake", "small", 0, 0}};
  model.desc.devices = devices;
  model.desc.description.devices = infos;
  model.desc.description.num_devices = 2;
  failAt(Call::Load, 1);
  Result result = model.open();
  EXPECT_EQ(result.status, QCC_DEVICE);
  EXPECT_TRUE(contains(result.message, "model 'fake', device 'toy1': it does "
                                       "not load the model's code: call 2"));
  EXPECT_TRUE(getFakeDevices().isEmpty());
}

TEST_F(Devices, DoNotSurviveAFork) {
  ASSERT_EQ(model.open().message, "");
  ASSERT_EQ(model.run({&x.tensor}, out).status, QCC_OK);
  release(out[0]);
  pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    Result result = model.run({&x.tensor}, out);
    bool right = result.status == QCC_DEVICE &&
                 contains(result.message, "device 'toy0': it was opened before "
                                          "this process forked");
    close();
    right &= getFakeDevices().devices == 1; // the parent's
    _exit(right ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

struct Mapping {
  int32_t device;
  int32_t model;
  const char *advice;
};

class DeviceStatus : public Devices,
                     public testing::WithParamInterface<Mapping> {};
INSTANTIATE_TEST_SUITE_P(
    Every, DeviceStatus,
    testing::Values(
        Mapping{QCC_DEVICE_UNAVAILABLE, QCC_DEVICE,
                ": run the model where there is one, or compile it for "
                "another target"},
        Mapping{QCC_DEVICE_OUT_OF_MEMORY, QCC_OUT_OF_MEMORY,
                ": free memory of the device, or run smaller inputs"},
        Mapping{QCC_DEVICE_REFUSED, QCC_INTERNAL,
                ": a defect of qcc, please report it"},
        Mapping{QCC_DEVICE_FAILED, QCC_DEVICE, ""}));

TEST_P(DeviceStatus, BecomesTheModels) {
  failAt(Call::Open, 0, GetParam().device);
  Result result = model.open();
  EXPECT_EQ(result.status, GetParam().model);
  EXPECT_EQ(result.message,
            std::string("model 'fake', device 'toy0': it does not open: call "
                        "0 fails as planned") +
                GetParam().advice);
  EXPECT_EQ(model.instance, nullptr);
}

struct Fault {
  Call call;
  int at; ///< Calls of that kind before the one that fails.
  const char *what;
};

class FailedOpen : public Devices, public testing::WithParamInterface<Fault> {};
INSTANTIATE_TEST_SUITE_P(
    Everywhere, FailedOpen,
    testing::Values(
        Fault{Call::Open, 0, "it does not open"},
        Fault{Call::Load, 0, "it does not load the model's code"},
        Fault{Call::FindEntry, 0, "add"},
        Fault{Call::Alloc, 0, "it does not take the model's constants"},
        Fault{Call::Begin, 0, "it does not take the model's constants"},
        Fault{Call::CopyIn, 0, "it does not take the model's constants"},
        Fault{Call::Wait, 0, "it does not take the model's constants"}));

TEST_P(FailedOpen, LeavesNothing) {
  failAt(GetParam().call, GetParam().at);
  Result result = model.open();
  EXPECT_EQ(result.status, QCC_DEVICE);
  EXPECT_EQ(result.message,
            "model 'fake', device 'toy0': " + std::string(GetParam().what) +
                ": call " + std::to_string(int(GetParam().call)) +
                " fails as planned");
  EXPECT_EQ(model.instance, nullptr);
  EXPECT_TRUE(getFakeDevices().isEmpty());
}

class FailedRun : public Devices, public testing::WithParamInterface<Fault> {};
INSTANTIATE_TEST_SUITE_P(
    Everywhere, FailedRun,
    testing::Values(
        Fault{Call::Begin, 0, "it begins no run"},
        Fault{Call::Alloc, 0, "no 24 bytes of its memory space 0"},
        Fault{Call::Alloc, 1, "no 48 bytes of its memory space 0"},
        Fault{Call::CopyIn, 0, "copying to it"},
        Fault{Call::CopyWithin, 0, "copying within it"},
        Fault{Call::CopyOut, 0, "copying from it"},
        Fault{Call::Wait, 0, "running the model"},
        Fault{Call::Launch, 0, "add"}, Fault{Call::Launch, 1, "add"},
        Fault{Call::CopyOut, 1, "copying from it"},
        // The wait of the runtime itself, when the model's code has ended.
        Fault{Call::Wait, 1, "running the model"}));

TEST_P(FailedRun, IsASentenceAndTheNextRunSucceeds) {
  ASSERT_EQ(model.open().message, "");
  failAt(GetParam().call, GetParam().at);
  Result result = model.run({&x.tensor}, out);
  EXPECT_EQ(result.status, QCC_DEVICE);
  EXPECT_EQ(result.message,
            "model 'fake', device 'toy0': " + std::string(GetParam().what) +
                ": call " + std::to_string(int(GetParam().call)) +
                " fails as planned");
  EXPECT_EQ(out[0], nullptr);
  Result again = model.run({&x.tensor}, out);
  ASSERT_EQ(again.status, QCC_OK) << again.message;
  EXPECT_EQ(takeValues(out[0])[0], 106);
}

// Code that the compiler does not make.
struct OtherCode : Devices {
  OtherCode() : Devices(runOther) {}
  using Devices::model;
  static int32_t (*other)(qccrt_run *);
  static int32_t runOther(qccrt_run *run) { return other(run); }
  Result run(int32_t (*main)(qccrt_run *)) {
    other = main;
    EXPECT_EQ(model.open().message, "");
    return model.run({&x.tensor}, out);
  }
};
int32_t (*OtherCode::other)(qccrt_run *) = nullptr;

// A second run while the first is under way, then one that needs the memory of
// both.
TEST_F(OtherCode, MemoryOfIdleRunsIsGivenBack) {
  static OtherCode *test;
  test = this;
  Result result = run([](qccrt_run *run) {
    other = addOnDevice;
    Tensor large(std::vector<float>(3 * 10000), {10000, 3});
    Outputs out;
    int32_t failed = addOnDevice(run) ||
                     test->model.run({&large.tensor}, out).status != QCC_OK;
    release(out[0]);
    return failed;
  });
  ASSERT_EQ(result.status, QCC_OK) << result.message;
  EXPECT_EQ(getFakeDevices().queues, 2);
  release(out[0]);
  Tensor larger(std::vector<float>(3 * 28000), {28000, 3});
  result = model.run({&larger.tensor}, out);
  EXPECT_EQ(result.status, QCC_OK) << result.message;
  EXPECT_EQ(getFakeDevices().queues, 1);
}

TEST_F(OtherCode, UnknownDevice) {
  Result result = run([](qccrt_run *run) { return qccrt_device_wait(run, 1); });
  EXPECT_EQ(result.status, QCC_INTERNAL);
  EXPECT_EQ(result.message, "model 'fake' asks for device 1, and it has 1: a "
                            "defect of qcc, please report it");
}

TEST_F(OtherCode, UnknownEntryPoint) {
  Result result = run([](qccrt_run *run) {
    return qccrt_device_launch(run, 0, 1, nullptr, 0);
  });
  EXPECT_EQ(result.status, QCC_INTERNAL);
  EXPECT_TRUE(contains(result.message, "launches entry point 1 of 1"));
}

TEST_F(OtherCode, RefusedWithoutAWord) {
  Result result = run([](qccrt_run *run) {
    return qccrt_device_launch(run, 0, 0, nullptr, 0);
  });
  EXPECT_EQ(result.status, QCC_INTERNAL);
  EXPECT_TRUE(contains(result.message, "add: its driver does not say why: a "
                                       "defect of qcc"));
}

TEST_F(OtherCode, MemoryBeyond63Bits) {
  Result result = run([](qccrt_run *run) {
    return int32_t(qccrt_device_alloc(run, 0, 0, -1) == 0);
  });
  EXPECT_EQ(result.status, QCC_OUT_OF_MEMORY);
  EXPECT_TRUE(contains(result.message, "more bytes than 63 bits count"));
}

} // namespace
