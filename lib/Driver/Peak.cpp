#include "lib/Driver/Peak.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <functional>
#include <thread>
#include <vector>

namespace qcc::driver {

using Clock = std::chrono::steady_clock;

static double getSeconds(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Vectors wider than the machine's are split by the compiler; attributes choose
// the instructions for each function alone, so that qcc runs anywhere.
using Vector8 = float __attribute__((vector_size(32)));
using Vector16 = float __attribute__((vector_size(64)));

/// Enough independent chains to hide the latency of two units.
template <typename Vector>
__attribute__((always_inline)) static inline float multiplyAdd(int64_t rounds,
                                                               float start) {
  constexpr int chains = 12;
  Vector sums[chains], factor, term;
  for (unsigned lane = 0; lane < sizeof(Vector) / sizeof(float); ++lane) {
    factor[lane] = 0.999f + start;
    term[lane] = 0.001f;
  }
  for (Vector &sum : sums)
    sum = term;
  for (int64_t round = 0; round < rounds; ++round) {
#pragma clang fp contract(fast)
#pragma GCC unroll 12
    for (int chain = 0; chain < chains; ++chain)
      sums[chain] = sums[chain] * factor + term;
  }
  float total = 0;
  for (Vector &sum : sums)
    total += sum[0];
  return total;
}

static float multiplyAddPlain(int64_t rounds, float start) {
  return multiplyAdd<Vector8>(rounds, start);
}
#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) static float multiplyAddAVX2(int64_t rounds,
                                                                 float start) {
  return multiplyAdd<Vector8>(rounds, start);
}
__attribute__((target("avx512f"))) static float
multiplyAddAVX512(int64_t rounds, float start) {
  return multiplyAdd<Vector16>(rounds, start);
}
#endif

/// Work per second, the best of several tries, of all threads together.
static double measure(unsigned threads, int attempts, double work,
                      const std::function<void(unsigned)> &run) {
  double best = 0;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    auto start = Clock::now();
    std::vector<std::thread> others;
    for (unsigned thread = 1; thread < threads; ++thread)
      others.emplace_back(run, thread);
    run(0);
    for (std::thread &other : others)
      other.join();
    best = std::max(best, work * threads / getSeconds(start));
  }
  return best;
}

static double measureFlops(unsigned threads) {
  float (*function)(int64_t, float) = multiplyAddPlain;
  double lanes = 8;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    function = multiplyAddAVX2;
  if (__builtin_cpu_supports("avx512f")) {
    function = multiplyAddAVX512;
    lanes = 16;
  }
#endif
  // Short enough that some attempt has the processor for itself.
  constexpr int64_t rounds = 500'000;
  constexpr int attempts = 40;
  std::atomic<float> sink{0};
  return measure(threads, attempts, 2 * lanes * 12 * rounds,
                 [&](unsigned thread) {
                   sink = function(rounds, static_cast<float>(thread) * 1e-9f);
                 });
}

static double measureBytes(unsigned threads) {
  // Larger than caches, together.
  const size_t size = (size_t(256) << 20) / threads / 64 * 64;
  std::vector<std::vector<uint64_t>> buffers;
  for (unsigned thread = 0; thread < threads; ++thread)
    buffers.emplace_back(size / sizeof(uint64_t), 1);
  std::atomic<uint64_t> sink{0};
  return measure(threads, 5, static_cast<double>(size), [&](unsigned thread) {
    const std::vector<uint64_t> &buffer = buffers[thread];
    uint64_t sums[16] = {};
    for (size_t i = 0; i + 16 <= buffer.size(); i += 16)
      for (size_t j = 0; j < 16; ++j)
        sums[j] += buffer[i + j];
    uint64_t total = 0;
    for (uint64_t sum : sums)
      total += sum;
    sink += total;
  });
}

Peak measurePeak(unsigned threads) {
  return {measureFlops(threads), measureBytes(threads)};
}

} // namespace qcc::driver
