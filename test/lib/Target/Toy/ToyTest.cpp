// The toy's simulator refuses what goes beyond its memories; its assembler cuts
// and plans as it says.

#include "qcc/Runtime/Device.h"
#include "test/lib/Target/Toy/Assembler.h"

#include "gtest/gtest.h"

#include <cmath>
#include <limits>
#include <random>

extern "C" const qcc_device_driver toy_driver;

using namespace qcc::toy;

namespace {

TEST(ToyISA, RoundsToTheNearestAndOfTwoToTheEven) {
  for (float value = -40; value <= 40; value += 0.125f)
    EXPECT_EQ(toy_round(value), std::nearbyint(value)) << value;
  for (float value : {0.49999997f, -0.49999997f, 8388607.5f, -8388607.5f})
    EXPECT_EQ(toy_round(value), std::nearbyint(value)) << value;
  EXPECT_EQ(toy_round(std::numeric_limits<float>::quiet_NaN()), -(1 << 30));
  EXPECT_EQ(toy_round(-std::numeric_limits<float>::infinity()), -(1 << 30));
  EXPECT_EQ(toy_round(std::numeric_limits<float>::infinity()), 1 << 30);
}

toy_instruction makeLoad(uint32_t to, uint32_t words) {
  toy_instruction load = {};
  load.opcode = TOY_LOAD;
  load.to = to;
  for (int i = 0; i < TOY_AXES; ++i)
    load.count[i] = load.stride[i] = 1;
  load.count[3] = words;
  return load;
}

TEST(ToyISA, RefusesWhatIsNoInstruction) {
  toy_instruction it = {};
  EXPECT_EQ(toy_check(&it, 0), nullptr);
  it.opcode = TOY_NUM_OPCODES;
  EXPECT_STREQ(toy_check(&it, 0), "its opcode is unknown");
  it = {};
  it.type = TOY_NUM_TYPES;
  EXPECT_STREQ(toy_check(&it, 0), "its type is unknown");
  it = {};
  it.opcode = TOY_MAP;
  it.kind = TOY_DIV;
  it.type = TOY_I32;
  EXPECT_STREQ(toy_check(&it, 0), "its kind is unknown");
  it.type = TOY_F32;
  it.count[0] = 1;
  EXPECT_STREQ(toy_check(&it, 0), "its second operand is empty");
}

TEST(ToyISA, RefusesWhatGoesBeyondTheScratchpad) {
  toy_instruction it = makeLoad(0, TOY_SCRATCHPAD_WORDS);
  EXPECT_EQ(toy_check(&it, 1), nullptr);
  EXPECT_STREQ(toy_check(&it, 0), "its entry point has no such argument");
  it.to = 1;
  EXPECT_STREQ(toy_check(&it, 1), "it goes beyond the scratchpad");
  it = makeLoad(UINT32_MAX, 1);
  EXPECT_STREQ(toy_check(&it, 1), "it goes beyond the scratchpad");
  it = makeLoad(0, 1u << 31);
  it.count[0] = 2; // their product is 0 in 32 bits
  EXPECT_STREQ(toy_check(&it, 1), "it goes beyond the scratchpad");
  it = {};
  it.opcode = TOY_DOT;
  it.count[0] = it.count[1] = it.count[2] = 33;
  EXPECT_STREQ(toy_check(&it, 1), "it goes beyond the scratchpad");
  it = makeLoad(0, 2);
  it.opcode = TOY_STORE;
  it.stride[3] = 0;
  EXPECT_STREQ(toy_check(&it, 1), "it stores several words at one address");
}

/// A program of one entry point, "e", which loads and halts.
std::string makeProgram(const toy_instruction &load, bool halts = true) {
  toy_header header = {TOY_MAGIC, 1, halts ? 2u : 1u, TOY_SCRATCHPAD_WORDS};
  toy_entry entry = {"e", 0, 1};
  toy_instruction halt = {};
  std::string code(reinterpret_cast<const char *>(&header), sizeof(header));
  code.append(reinterpret_cast<const char *>(&entry), sizeof(entry));
  code.append(reinterpret_cast<const char *>(&load), sizeof(load));
  if (halts)
    code.append(reinterpret_cast<const char *>(&halt), sizeof(halt));
  return code;
}

class ToyDriver : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_EQ(toy_driver.open("", &device, &error), QCC_DEVICE_OK);
    ASSERT_EQ(toy_driver.begin(device, &queue, &error), QCC_DEVICE_OK);
    ASSERT_EQ(toy_driver.alloc(device, 0, 256, &memory, &error), QCC_DEVICE_OK);
  }
  void TearDown() override {
    toy_driver.end(device, queue);
    toy_driver.free(device, 0, memory);
    toy_driver.close(device);
  }
  /// What loading the program says; "" where it succeeds and runs.
  std::string run(const std::string &code, uint64_t argument) {
    qcc_device_program *program;
    if (toy_driver.load(device, code.data(), code.size(), &program, &error))
      return error.text;
    int32_t status = toy_driver.launch(queue, program, 0, &argument, 1, &error);
    toy_driver.unload(device, program);
    return status ? error.text : "";
  }

  qcc_device *device = nullptr;
  qcc_device_queue *queue = nullptr;
  uint64_t memory = 0;
  qcc_device_error error = {};
};

TEST_F(ToyDriver, LoadsWithinMemoryOnly) {
  std::string code = makeProgram(makeLoad(0, 64));
  EXPECT_EQ(run(code, memory), "");
  EXPECT_EQ(run(code, memory + 4), "instruction 0 loads beyond memory, from "
                                   "address " +
                                       std::to_string(memory + 4) + " on");
  EXPECT_NE(run(code, 0), "");
  EXPECT_NE(run(code, UINT64_MAX - 8), "");
}

TEST_F(ToyDriver, RefusesMalformedPrograms) {
  std::string code = makeProgram(makeLoad(0, 64));
  EXPECT_EQ(run(code.substr(0, 8), memory), "8 bytes are no program");
  EXPECT_EQ(run(code + "x", memory), "209 bytes are no program");
  EXPECT_EQ(run(makeProgram(makeLoad(0, 64), false), memory),
            "'e' does not halt");
  EXPECT_EQ(run(makeProgram(makeLoad(1000, 64)), memory),
            "instruction 0 of 'e' is none: it goes beyond the scratchpad");
  code[0] = 'X';
  EXPECT_EQ(run(code, memory), "208 bytes are no program");
}

TEST_F(ToyDriver, CopiesRowsWithinMemoryOnly) {
  char bytes[256];
  for (int i = 0; i < 256; ++i)
    bytes[i] = static_cast<char>(i);
  qcc_device_block whole = {256, 1, 0, 0};
  ASSERT_EQ(toy_driver.copy_in(queue, memory, bytes, &whole, &error), 0);
  qcc_device_block columns = {4, 8, 32, 4};
  char out[32];
  ASSERT_EQ(toy_driver.copy_out(queue, out, memory + 4, &columns, &error), 0);
  for (int i = 0; i < 32; ++i)
    EXPECT_EQ(out[i], static_cast<char>(4 + i / 4 * 32 + i % 4));
  EXPECT_EQ(toy_driver.copy_in(queue, memory + 1, bytes, &whole, &error),
            QCC_DEVICE_REFUSED);
  EXPECT_EQ(toy_driver.copy_out(queue, bytes, memory + 1, &whole, &error),
            QCC_DEVICE_REFUSED);
  EXPECT_EQ(toy_driver.copy_within(queue, memory, memory + 1, &whole, &error),
            QCC_DEVICE_REFUSED);
}

TEST_F(ToyDriver, HasSoMuchMemory) {
  uint64_t address = 0;
  EXPECT_EQ(toy_driver.alloc(device, 0, TOY_MEMORY_BYTES, &address, &error),
            QCC_DEVICE_OUT_OF_MEMORY);
  EXPECT_EQ(std::string(error.text), "67108608 of 67108864 bytes are left");
  EXPECT_EQ(toy_driver.alloc(device, 1, 4, &address, &error),
            QCC_DEVICE_REFUSED);
}

TEST(Assembler, BoxesCoverASpaceOnce) {
  for (int64_t maxWords : {1, 3, 8, 64, 1000})
    for (Extents shape : {Extents{}, Extents{7}, Extents{3, 5, 2},
                          Extents{2, 3, 1, 5, 2, 3}, Extents{4, 0, 2}}) {
      std::vector<int> visits(static_cast<size_t>(countElements(shape)));
      Extents strides = getDenseStrides(shape);
      forEachBox(shape, maxWords, [&](const Box &box) {
        ASSERT_LE(box.getWords(), maxWords);
        forEachBox(box.counts, 1, [&](const Box &inner) {
          int64_t at = 0;
          for (size_t d = 0; d < shape.size(); ++d)
            at += (box.begin[d] + inner.begin[d]) * strides[d];
          ++visits[static_cast<size_t>(at)];
        });
      });
      for (int count : visits)
        EXPECT_EQ(count, 1);
    }
}

TEST(Assembler, PlanKeepsApartWhatLivesAtOnce) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    std::vector<Need> needs(12);
    int64_t sum = 0;
    for (Need &need : needs) {
      need.words = static_cast<int64_t>(random() % 50 + 1);
      need.first = static_cast<int64_t>(random() % 10);
      need.last = need.first + static_cast<int64_t>(random() % 4);
      sum += need.words + 16;
    }
    int64_t end = planMemory(needs, 16);
    EXPECT_LE(end, sum);
    for (size_t i = 0; i < needs.size(); ++i) {
      EXPECT_EQ(needs[i].offset % 16, 0);
      EXPECT_LE(needs[i].offset + needs[i].words, end);
      for (size_t k = 0; k < i; ++k)
        EXPECT_TRUE(needs[i].last < needs[k].first ||
                    needs[k].last < needs[i].first ||
                    needs[i].offset + needs[i].words <= needs[k].offset ||
                    needs[k].offset + needs[k].words <= needs[i].offset);
    }
  }
}

TEST(Assembler, NamesAreUnique) {
  Assembler assembler;
  EXPECT_EQ(assembler.begin("a"), "a");
  EXPECT_EQ(assembler.begin("a"), "a#2");
  EXPECT_EQ(assembler.begin("a#2"), "a#2#2");
  EXPECT_EQ(assembler.begin("a"), "a#3");
  EXPECT_LT(assembler.begin(std::string(100, 'x')).size(),
            size_t(TOY_NAME_BYTES));
}

} // namespace
