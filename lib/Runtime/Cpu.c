#include "lib/Runtime/Internal.h"

#if defined(__x86_64__)
#include <cpuid.h>

typedef struct {
  qccrt_cpu_feature feature;
  const char *name;
  uint32_t leaf, subleaf;
  char part; // register of the answer
  uint8_t bit;
  uint8_t state; // bits of XCR0 that say that the system saves the registers
} feature_test;

enum { YMM = 0x06, ZMM = 0xe6 };

static const feature_test tests[] = {
    {QCCRT_CPU_SSE42, "sse4.2", 1, 0, 'c', 20, 0},
    {QCCRT_CPU_AVX, "avx", 1, 0, 'c', 28, YMM},
    {QCCRT_CPU_AVX2, "avx2", 7, 0, 'b', 5, YMM},
    {QCCRT_CPU_FMA, "fma", 1, 0, 'c', 12, YMM},
    {QCCRT_CPU_F16C, "f16c", 1, 0, 'c', 29, YMM},
    {QCCRT_CPU_BMI2, "bmi2", 7, 0, 'b', 8, 0},
    {QCCRT_CPU_AVX512F, "avx512f", 7, 0, 'b', 16, ZMM},
    {QCCRT_CPU_AVX512BW, "avx512bw", 7, 0, 'b', 30, ZMM},
    {QCCRT_CPU_AVX512DQ, "avx512dq", 7, 0, 'b', 17, ZMM},
    {QCCRT_CPU_AVX512VL, "avx512vl", 7, 0, 'b', 31, ZMM},
    {QCCRT_CPU_AVX512VNNI, "avx512vnni", 7, 0, 'c', 11, ZMM},
    {QCCRT_CPU_AVX512VBMI, "avx512vbmi", 7, 0, 'c', 1, ZMM},
    {QCCRT_CPU_AVX512BF16, "avx512bf16", 7, 1, 'a', 5, ZMM},
    {QCCRT_CPU_AVX512FP16, "avx512fp16", 7, 0, 'd', 23, ZMM},
    {QCCRT_CPU_AVXVNNI, "avxvnni", 7, 1, 'a', 4, YMM},
    {QCCRT_CPU_GFNI, "gfni", 7, 0, 'c', 8, 0},
    {QCCRT_CPU_BMI, "bmi", 7, 0, 'b', 3, 0},
    {QCCRT_CPU_LZCNT, "lzcnt", 0x80000001, 0, 'c', 5, 0},
    {QCCRT_CPU_SSE4A, "sse4a", 0x80000001, 0, 'c', 6, 0},
    {QCCRT_CPU_XOP, "xop", 0x80000001, 0, 'c', 11, YMM},
    {QCCRT_CPU_FMA4, "fma4", 0x80000001, 0, 'c', 16, YMM},
    {QCCRT_CPU_TBM, "tbm", 0x80000001, 0, 'c', 21, 0},
    {QCCRT_CPU_AVX512CD, "avx512cd", 7, 0, 'b', 28, ZMM},
    {QCCRT_CPU_AVX512IFMA, "avx512ifma", 7, 0, 'b', 21, ZMM},
    {QCCRT_CPU_AVX512VBMI2, "avx512vbmi2", 7, 0, 'c', 6, ZMM},
    {QCCRT_CPU_AVX512BITALG, "avx512bitalg", 7, 0, 'c', 12, ZMM},
    {QCCRT_CPU_AVX512VPOPCNTDQ, "avx512vpopcntdq", 7, 0, 'c', 14, ZMM},
    {QCCRT_CPU_AVXVNNIINT8, "avxvnniint8", 7, 1, 'd', 4, YMM},
    {QCCRT_CPU_VPCLMULQDQ, "vpclmulqdq", 7, 0, 'c', 10, YMM},
};

static uint64_t read_saved_state(void) {
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & (1u << 27))) // OSXSAVE
    return 0;
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (uint64_t)high << 32 | low;
}

static bool has_feature(const feature_test *test, uint64_t saved) {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (!__get_cpuid_count(test->leaf, test->subleaf, &a, &b, &c, &d))
    return false;
  unsigned answer = test->part == 'a'   ? a
                    : test->part == 'b' ? b
                    : test->part == 'c' ? c
                                        : d;
  return (answer >> test->bit & 1) && (saved & test->state) == test->state;
}

int32_t qccrt_check_cpu(const qccrt_model_desc *desc, qcc_error **error) {
  uint64_t saved = read_saved_state();
  for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); ++i)
    if ((desc->required_cpu & tests[i].feature) &&
        !has_feature(&tests[i], saved))
      return qccrt_make_error(error, QCC_UNSUPPORTED_CPU,
                              "model '%s' was compiled for %s, and this "
                              "processor or system lacks %s: compile it with "
                              "--mcpu for this machine",
                              desc->description.name, desc->description.cpu,
                              tests[i].name);
  return QCC_OK;
}

#else

// Elsewhere artifacts are compiled for the architecture's baseline.
int32_t qccrt_check_cpu(const qccrt_model_desc *desc, qcc_error **error) {
  if (desc->required_cpu == 0)
    return QCC_OK;
  return qccrt_make_error(error, QCC_INTERNAL,
                          "model '%s' lists features of another architecture",
                          desc->description.name);
}

#endif
