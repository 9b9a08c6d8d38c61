// Compiled contractions against a plain loop in double.

#include "lib/Target/CPU/Kernels/StreamFormat.h"
#include "test/lib/Target/CPU/Kernels/Harness.h"

#include "mlir/AsmParser/AsmParser.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/TargetParser/Host.h"
#include <gtest/gtest.h>

#include <cmath>

using namespace qcc::cpu;
using namespace qcc::cpu::test;

static std::vector<const char *> getProcessors() {
  llvm::StringMap<bool> features = llvm::sys::getHostCPUFeatures();
  auto has = [&](std::initializer_list<llvm::StringRef> names) {
    return llvm::all_of(
        names, [&](llvm::StringRef name) { return features.lookup(name); });
  };
  // One for each ISA, as far as this machine has what LLVM uses of it.
  std::vector<const char *> processors = {"x86-64-v2", "x86-64-v3"};
  if (has({"avxvnni", "gfni", "vaes", "vpclmulqdq"}))
    processors.push_back("alderlake");
  if (has({"avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512cd"}))
    processors.push_back("skylake-avx512");
  if (has({"avx512vnni"}))
    processors.push_back("cascadelake");
  return processors;
}

static void check(const Case &test) {
  for (const char *processor : getProcessors()) {
    SCOPED_TRACE(test.getName() + " on " + processor);
    ISA isa = llvm::cantFail(getISA(processor, ""));
    KernelConfig config =
        chooseKernel(test.getWeightsShape(), test.numbers, isa);
    Data data(test, config);
    Compiled compiled(test, config, processor);
    ASSERT_EQ(compiled.getError(), "");
    compiled.run(test, data);
    for (size_t i = 0; i < data.expected.size(); ++i)
      ASSERT_NEAR(data.getOutput(test, i), data.expected[i], data.bound[i])
          << "row " << i / test.k << ", channel " << i % test.k;
  }
}

static Case makeMatrix(int64_t m, int64_t c, int64_t k,
                       Ending ending = Ending::None) {
  Case test;
  test.n = m;
  test.c = c;
  test.k = k;
  test.isMatrix = true;
  test.ending = ending;
  return test;
}

static Case makeImage(int64_t n, int64_t extent, int64_t c, int64_t k,
                      int64_t window, int64_t stride, Ending ending) {
  Case test;
  test.n = n;
  test.h = extent;
  test.w = extent + 1;
  test.c = c;
  test.k = k;
  test.r = test.s = window;
  test.strideH = test.strideW = stride;
  test.ending = ending;
  return test;
}

TEST(ContractF32, MatricesOfAllTails) {
  for (int64_t m : {1, 2, 5, 6, 7, 13, 97, 200})
    check(makeMatrix(m, 37, 65, Ending::BiasRelu));
  for (int64_t k : {1, 3, 8, 15, 16, 17, 24, 31, 33, 64, 96, 129})
    check(makeMatrix(9, 20, k, Ending::BiasResidual));
  for (int64_t c : {1, 2, 3, 4, 5, 127})
    check(makeMatrix(8, c, 40));
  check(makeMatrix(9, 37, 65, Ending::RowFactor));
}

TEST(ContractF32, NoRows) { check(makeMatrix(0, 8, 8)); }

TEST(ContractF32, Windows) {
  check(makeImage(2, 9, 5, 20, 3, 1, Ending::BiasRelu));
  check(makeImage(1, 14, 16, 64, 3, 2, Ending::BiasResidual));
  check(makeImage(1, 11, 3, 33, 7, 2, Ending::None));
  check(makeImage(3, 8, 12, 7, 1, 2, Ending::BiasRelu));
  check(makeImage(2, 7, 32, 40, 1, 1, Ending::BiasResidual));
}

TEST(ContractF32, StaticExtents) {
  Case test = makeImage(2, 9, 8, 20, 3, 1, Ending::BiasResidual);
  test.isStatic = true;
  check(test);
  test = makeMatrix(5, 30, 64, Ending::BiasRelu);
  test.isStatic = true;
  check(test);
}

TEST(ContractF32, DilationAndUnequalStrides) {
  Case test = makeImage(2, 12, 6, 18, 3, 1, Ending::BiasRelu);
  test.dilationH = 2;
  check(test);
  test.dilationW = 3;
  test.strideH = 2;
  check(test);
  test.r = 1;
  check(test);
}

TEST(ContractF32, Groups) {
  for (auto [c, k, groups] : {std::tuple<int, int, int>{8, 8, 2},
                              {12, 6, 3},
                              {6, 40, 2},
                              {9, 9, 9},
                              {4, 8, 4},
                              {200, 136, 2}}) {
    Case test = makeImage(2, 6, c, k, 3, 1, Ending::BiasRelu);
    test.groups = groups;
    check(test);
    test.r = test.s = 1;
    check(test);
  }
}

TEST(ContractF32, Depthwise) {
  for (auto [c, window, stride, dilation] :
       {std::tuple<int, int, int, int>{40, 3, 1, 1},
        {32, 3, 2, 1},
        {19, 5, 1, 1},
        {3, 5, 2, 1},
        {16, 3, 1, 2},
        {24, 7, 1, 1},
        {8, 1, 1, 1}}) {
    Case test = makeImage(2, 16, c, c, window, stride, Ending::BiasResidual);
    test.groups = c;
    test.dilationH = test.dilationW = dilation;
    check(test);
  }
}

TEST(ContractI8, AllSignsAndEndings) {
  for (int variant = 0; variant < 12; ++variant) {
    Case test = makeImage(2, 7, 10, 37, 3, 1, Ending(variant / 4));
    test.numbers = Numbers::I8;
    test.signs = {variant % 2 == 0, variant % 4 < 2};
    check(test);
  }
}

TEST(ContractI8, ShapesAndTails) {
  for (auto [c, k, window, stride, groups] :
       {std::tuple<int, int, int, int, int>{16, 64, 3, 1, 1},
        {3, 20, 7, 2, 1},
        {1, 9, 1, 1, 1},
        {5, 33, 1, 2, 1},
        {12, 6, 3, 1, 3},
        {10, 10, 3, 2, 2},
        {19, 19, 3, 1, 19},
        {32, 32, 5, 2, 32},
        {20, 20, 7, 1, 20}}) {
    Case test = makeImage(1, 13, c, k, window, stride, Ending::BiasRelu);
    test.groups = groups;
    test.numbers = Numbers::I8;
    check(test);
    test.signs.isInputSigned = true;
    test.dilationW = 2;
    test.w += window;
    check(test);
  }
  for (int64_t m : {1, 13, 100}) {
    Case test = makeMatrix(m, 31, 40, Ending::BiasResidual);
    test.numbers = Numbers::I8;
    check(test);
  }
}

TEST(ContractI8, FactorsOfRows) {
  for (int64_t k : {1, 8, 40, 67}) {
    Case test = makeMatrix(13, 31, k, Ending::RowFactor);
    test.numbers = Numbers::I8;
    check(test);
  }
  Case image = makeImage(2, 7, 10, 37, 3, 1, Ending::RowFactor);
  image.numbers = Numbers::I8;
  check(image);
  image.c = image.k = image.groups = 20; // depthwise
  check(image);
}

TEST(ContractI8, WeightsWithAnyZeroPoint) {
  for (auto [c, k, window, groups, zeroPoint] :
       {std::tuple<int, int, int, int, int>{16, 64, 3, 1, 129},
        {3, 20, 5, 1, 100},
        {7, 9, 1, 1, 255},
        {12, 6, 3, 3, 1},
        {19, 19, 3, 19, 77},
        {20, 20, 7, 20, 130}}) {
    Case test = makeImage(1, 13, c, k, window, 1, Ending::BiasResidual);
    test.groups = groups;
    test.numbers = Numbers::I8Wide;
    test.zeroPoint = zeroPoint;
    test.signs = {/*isInputSigned=*/false, /*areWeightsSigned=*/false};
    check(test);
    test.signs.isInputSigned = true;
    check(test);
  }
  for (int64_t m : {1, 13, 100}) {
    Case test = makeMatrix(m, 31, 40, Ending::None);
    test.numbers = Numbers::I8Wide;
    test.zeroPoint = -100;
    check(test);
  }
}

static Case withFormat(Case test, const char *format) {
  test.numbers = Numbers::Decode;
  test.weightsFormat = format;
  return test;
}

TEST(ContractDecode, CodecsAndScalings) {
  for (const char *format :
       {"uint4, block<1x32, f16, zero = 8>, dense", "int4, axis<0, f32>, dense",
        "nf4, block<1x16, f32>, dense", "e4m3fn, tensor<f32>, dense",
        "uint4, block<1x8, f32, zero>, dense", "int8, block<1x20, f16>, dense",
        "int2, block<1x3, f32>, dense", "uint3, axis<0, f16, zero = 4>, dense",
        "int5, block<1x40, f32, zero>, dense", "e4m3fn, none, dense",
        "e2m1, block<1x32, f8E8M0FNU>, dense", "e5m2, block<1x8, f16>, dense",
        "e2m3, block<1x32, f8E8M0FNU>, dense", "e3m2, axis<0, f32>, dense",
        "e2m1, block<1x16, f8E4M3FN>, dense", "sf4, block<1x128, f16>, dense",
        "e4m3fn, block<1x32, f8E8M0FNU>, dense",
        "int8, block<1x32, f8E8M0FNU>, dense"})
    for (int64_t m : {1, 14})
      check(withFormat(makeMatrix(m, 75, 37, Ending::BiasRelu), format));
}

TEST(ContractDecode, LongSums) {
  for (int64_t m : {2, 13})
    check(withFormat(makeMatrix(m, 2100, 70),
                     "uint4, block<1x32, f16, zero = 8>, dense"));
}

TEST(ContractDecode, Images) {
  const char *format = "uint4, block<1x32, f16, zero = 8>, dense";
  check(withFormat(makeImage(1, 9, 16, 20, 3, 1, Ending::BiasRelu), format));
  check(withFormat(makeImage(1, 12, 3, 64, 7, 2, Ending::None), format));
  check(
      withFormat(makeImage(1, 7, 130, 80, 3, 1, Ending::BiasResidual), format));
  Case dilated = makeImage(1, 9, 301, 20, 3, 2, Ending::BiasRelu);
  dilated.dilationW = 2;
  check(withFormat(dilated, format));
  Case grouped = makeImage(1, 8, 12, 10, 3, 1, Ending::BiasRelu);
  grouped.groups = 2;
  check(withFormat(grouped, "e4m3fn, tensor<f32>, dense"));
  check(withFormat(grouped, "nf4, axis<0, f32>, dense"));
}

TEST(ContractBlock, FormatsAndTails) {
  for (const char *format :
       {"uint4, block<1x32, f16, zero = 8>, dense", "int4, axis<0, f32>, dense",
        "int8, block<1x16, f32>, dense", "uint4, block<1x8, f32, zero>, dense",
        "int8, axis<0, f32>, dense", "int3, block<1x128, f16>, dense",
        "int8, block<1x32, f8E8M0FNU>, dense"})
    for (auto [m, c] : {std::pair<int, int>{1, 64}, {14, 75}, {55, 301}}) {
      Case test =
          withFormat(makeMatrix(m, c, 37, Ending::BiasResidual), format);
      test.numbers = Numbers::Block;
      test.signs.isInputSigned = true;
      check(test);
      test.ending = Ending::RowFactor;
      check(test);
    }
}

/// That of weights [B, K, C], or what is wrong with it.
static StreamFormat getBatchFormat(const char *text, int64_t outputs,
                                   int64_t batch, std::string &error) {
  WeightsShape shape;
  shape.outputs = outputs * batch;
  shape.channels = 64;
  shape.groups = batch;
  shape.format = llvm::cast<qcc::qnn::FormatAttr>(mlir::parseAttribute(
      "#qnn.format<" + std::string(text) + ">", &getContext()));
  auto format = StreamFormat::create(shape);
  error = format ? "" : llvm::toString(format.takeError());
  return format ? *format : StreamFormat();
}

// When kernels are chosen, the shape is that of one matrix.
TEST(StreamFormat, BlocksOfABatchLieInOneMatrix) {
  std::string error;
  for (int64_t batch : {1, 3}) {
    SCOPED_TRACE(batch);
    for (auto [text, outputs, length] :
         {std::tuple<const char *, int, int>{"int8, block<1x8x64, f32>, dense",
                                             8, 64},
          {"int8, block<1x99x99, f32>, dense", 8, 64},
          {"int8, block<1x2x64, f32>, dense", 2, 64},
          {"int4, block<1x4x16, f32>, dense", 4, 16},
          {"int4, block<1x1x32, f32>, dense", 1, 32}}) {
      StreamFormat format = getBatchFormat(text, 8, batch, error);
      EXPECT_EQ(error, "") << text;
      EXPECT_EQ(format.blockOutputs, outputs) << text;
      EXPECT_EQ(format.blockLength, length) << text;
      EXPECT_EQ(format.blocks, 64 / length) << text;
    }
    getBatchFormat("int8, block<1x3x64, f32>, dense", 8, batch, error);
    EXPECT_EQ(error, "blocks of a batch of weights must divide the outputs of "
                     "a matrix");
    getBatchFormat("int8, block<2x8x64, f32>, dense", 8, batch, error);
    EXPECT_EQ(error, "blocks of a batch of weights lie in one matrix each");
  }
}

/// Adds products of matrices [B, M, In] and [B', In, N] to its last argument.
static std::string getProduct(const char *processor, Numbers numbers,
                              const std::string &in, const std::string &sum) {
  KernelConfig config =
      chooseProductKernel(numbers, llvm::cantFail(getISA(processor, "")));
  std::string tile;
  for (int64_t part : config.getTile())
    tile += (tile.empty() ? "" : ", ") + std::to_string(part);
  std::string inType = "memref<?x?x?x" + in + ">",
              sumType = "memref<?x?x?x" + sum + ">";
  return "func.func @f(%a: " + inType + ", %b: " + inType + ", %c: " + sumType +
         ") attributes {llvm.emit_c_interface} {\n"
         "qnn.contract ins(%a, %b : " +
         inType + ", " + inType + ") extras(%c : " + sumType +
         ") outs(%c : " + sumType +
         ") attributes {strides = array<i64: 1, 1>, dilations = array<i64: 1, "
         "1>, window = array<i64: 1, 1>, transposed, kernel = #qnn.kernel<\"" +
         config.getKernelName() + "\", acc = " + sum + ", tile = [" + tile +
         "]>} {\n^bb0(%s: " + sum + ", %o: " + sum + "):\n%0 = arith." +
         (sum[0] == 'f' ? "addf" : "addi") + " %s, %o : " + sum +
         "\nqnn.yield %0 : " + sum + "\n}\nreturn }";
}

/// Products of matrices of In, added to matrices of Sum; all are exact. Of the
/// left operand, `shared` consecutive matrices have one of the right.
template <typename In, typename Sum>
static void checkMatmul(Numbers numbers, const std::string &in,
                        const std::string &sum) {
  for (const char *processor : getProcessors()) {
    Compiled compiled(getProduct(processor, numbers, in, sum), processor);
    ASSERT_EQ(compiled.getError(), "");
    for (auto [shared, batch, m, k, n] :
         {std::tuple<int, int, int, int, int>{1, 1, 1, 1, 1},
          {1, 3, 7, 33, 65},
          {1, 2, 100, 300, 20},
          {1, 1, 13, 5, 128},
          {1, 2, 0, 4, 4},
          {1, 0, 3, 4, 4},
          {1, 2, 3, 0, 5},
          {1, 1, 6, 601, 64},
          {3, 6, 5, 40, 17},
          {4, 4, 2, 9, 70}}) {
      std::vector<In> a(batch * m * k), b(batch / shared * k * n);
      std::vector<Sum> c(batch * m * n);
      for (size_t i = 0; i < a.size(); ++i)
        a[i] = In(int(i * 7 % 31) - 15);
      for (size_t i = 0; i < b.size(); ++i)
        b[i] = In(int(i * 5 % 29) - 14);
      for (size_t i = 0; i < c.size(); ++i)
        c[i] = Sum(i % 3);
      compiled.runMatmul(batch, shared, m, k, n, a.data(), b.data(), c.data());
      for (int64_t i = 0; i < int64_t(c.size()); ++i) {
        int64_t row = i / n, column = i % n,
                matrix = row / std::max(m, 1) / shared;
        double expected = i % 3;
        for (int64_t j = 0; j < k; ++j)
          expected += double(a[row * k + j]) * b[(matrix * k + j) * n + column];
        ASSERT_EQ(c[i], expected) << processor << " " << batch << "x" << m
                                  << "x" << k << "x" << n << ", element " << i;
      }
    }
  }
}

TEST(Matmul, BatchesOfAllTails) {
  checkMatmul<float, float>(Numbers::F32, "f32", "f32");
}

TEST(Matmul, WordsOfAllTails) {
  checkMatmul<int16_t, int32_t>(Numbers::I16, "i16", "i32");
}

TEST(Matmul, WordsWithLongSums) {
  checkMatmul<int16_t, int64_t>(Numbers::I16, "i16", "i64");
}
