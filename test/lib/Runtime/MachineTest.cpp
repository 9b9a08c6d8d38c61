// What depends on the processor: the check of its features, and the helpers
// for 16-bit floats, against LLVM.

#include "test/lib/Runtime/FakeModel.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/TargetParser/Host.h"
#include "gtest/gtest.h"

#include <cmath>
#include <cstring>
#include <random>

using namespace qcc::test;
using llvm::APFloat;

extern "C" {
_Float16 __truncsfhf2(float);
_Float16 __truncdfhf2(double);
_Float16 __truncsfbf2(float);
_Float16 __truncdfbf2(double);
float __extendhfsf2(_Float16);
double __extendhfdf2(_Float16);
double __powidf2(double, int);
float __powisf2(float, int);
}

namespace {

uint16_t getBits(_Float16 value) {
  uint16_t bits;
  memcpy(&bits, &value, sizeof(bits));
  return bits;
}

uint16_t convert(double value, const llvm::fltSemantics &to) {
  bool inexact;
  APFloat number(value);
  number.convert(to, APFloat::rmNearestTiesToEven, &inexact);
  return static_cast<uint16_t>(number.bitcastToAPInt().getZExtValue());
}

uint16_t convert(float value, const llvm::fltSemantics &to) {
  bool inexact;
  APFloat number(value);
  number.convert(to, APFloat::rmNearestTiesToEven, &inexact);
  return static_cast<uint16_t>(number.bitcastToAPInt().getZExtValue());
}

template <typename Value, typename Bits> Value makeValue(Bits bits) {
  Value value;
  memcpy(&value, &bits, sizeof(value));
  return value;
}

TEST(SoftFloat, ExtendsEveryHalf) {
  for (uint32_t bits = 0; bits < 65536; ++bits) {
    APFloat number(APFloat::IEEEhalf(), llvm::APInt(16, bits));
    bool inexact;
    number.convert(APFloat::IEEEsingle(), APFloat::rmNearestTiesToEven,
                   &inexact);
    _Float16 half = makeValue<_Float16>(static_cast<uint16_t>(bits));
    float wide = __extendhfsf2(half);
    uint32_t got;
    memcpy(&got, &wide, sizeof(got));
    ASSERT_EQ(got, number.bitcastToAPInt().getZExtValue()) << bits;
    if (wide == wide)
      ASSERT_EQ(__extendhfdf2(half), static_cast<double>(wide));
  }
}

TEST(SoftFloat, RoundsFloats) {
  std::mt19937 random(1);
  for (uint32_t i = 0; i < 300000; ++i) {
    // Random numbers, and every middle between two halves or bfloats.
    uint32_t bits = i < 150000   ? random()
                    : i < 215536 ? (i - 150000) << 16 | 0x8000
                                 : random() << 12 | (random() & 1);
    float value = makeValue<float>(bits);
    ASSERT_EQ(getBits(__truncsfhf2(value)), convert(value, APFloat::IEEEhalf()))
        << bits;
    ASSERT_EQ(getBits(__truncsfbf2(value)), convert(value, APFloat::BFloat()))
        << bits;
  }
}

TEST(SoftFloat, RoundsDoublesOnce) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 300000; ++i) {
    // Exponents near those of halves; few bits set, so that ties occur.
    double value = std::ldexp(static_cast<double>(random() >> 11),
                              static_cast<int>(random() % 60) - 90);
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    if (i % 2)
      value = makeValue<double>(bits & ~UINT64_C(0) << random() % 52);
    ASSERT_EQ(getBits(__truncdfhf2(value)), convert(value, APFloat::IEEEhalf()))
        << value;
    ASSERT_EQ(getBits(__truncdfbf2(-value)), convert(-value, APFloat::BFloat()))
        << value;
  }
}

TEST(SoftFloat, IntegerPowers) {
  EXPECT_EQ(__powidf2(2, 10), 1024);
  EXPECT_EQ(__powidf2(2, -2), 0.25);
  EXPECT_EQ(__powisf2(3, 0), 1);
  EXPECT_EQ(__powisf2(2, INT32_MIN), 0);
}

TEST(Processor, IsCheckedWhenAModelIsOpened) {
  std::pair<uint64_t, const char *> features[] = {
      {QCCRT_CPU_SSE42, "sse4.2"},
      {QCCRT_CPU_AVX, "avx"},
      {QCCRT_CPU_AVX2, "avx2"},
      {QCCRT_CPU_FMA, "fma"},
      {QCCRT_CPU_F16C, "f16c"},
      {QCCRT_CPU_BMI2, "bmi2"},
      {QCCRT_CPU_AVX512F, "avx512f"},
      {QCCRT_CPU_AVX512BW, "avx512bw"},
      {QCCRT_CPU_AVX512DQ, "avx512dq"},
      {QCCRT_CPU_AVX512VL, "avx512vl"},
      {QCCRT_CPU_AVX512VNNI, "avx512vnni"},
      {QCCRT_CPU_AVX512VBMI, "avx512vbmi"},
      {QCCRT_CPU_AVX512BF16, "avx512bf16"},
      {QCCRT_CPU_AVX512FP16, "avx512fp16"},
      {QCCRT_CPU_AVXVNNI, "avxvnni"},
      {QCCRT_CPU_GFNI, "gfni"},
      {QCCRT_CPU_BMI, "bmi"},
      {QCCRT_CPU_LZCNT, "lzcnt"},
      {QCCRT_CPU_SSE4A, "sse4a"},
      {QCCRT_CPU_XOP, "xop"},
      {QCCRT_CPU_FMA4, "fma4"},
      {QCCRT_CPU_TBM, "tbm"},
      {QCCRT_CPU_AVX512CD, "avx512cd"},
      {QCCRT_CPU_AVX512IFMA, "avx512ifma"},
      {QCCRT_CPU_AVX512VBMI2, "avx512vbmi2"},
      {QCCRT_CPU_AVX512BITALG, "avx512bitalg"},
      {QCCRT_CPU_AVX512VPOPCNTDQ, "avx512vpopcntdq"},
      {QCCRT_CPU_AVXVNNIINT8, "avxvnniint8"},
      {QCCRT_CPU_VPCLMULQDQ, "vpclmulqdq"},
  };
  llvm::StringMap<bool> host = llvm::sys::getHostCPUFeatures();
  for (auto [feature, name] : features) {
    FakeModel model([](qccrt_run *) { return 0; });
    model.desc.required_cpu = feature;
    Result result = model.open();
    EXPECT_EQ(result.status, host.lookup(name) ? QCC_OK : QCC_UNSUPPORTED_CPU)
        << name;
    if (result.status != QCC_OK)
      EXPECT_EQ(result.message,
                "model 'fake' was compiled for fake-cpu, and this processor or "
                "system lacks " +
                    std::string(name) +
                    ": compile it with --mcpu for this machine");
  }
}

} // namespace
