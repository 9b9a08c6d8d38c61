// Speed of single kernels: contract-bench [PROCESSOR [int8]].

#include "test/lib/Target/CPU/Kernels/Harness.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <chrono>

using namespace qcc::cpu;
using namespace qcc::cpu::test;

static double measure(const Compiled &compiled, const Case &test, Data &data) {
  using Clock = std::chrono::steady_clock;
  auto seconds = [&] {
    auto begin = Clock::now();
    compiled.run(test, data);
    return std::chrono::duration<double>(Clock::now() - begin).count();
  };
  double best = seconds(), total = best;
  for (int count = 0; total < 0.4 || count < 5; ++count) {
    double now = seconds();
    best = std::min(best, now);
    total += now;
  }
  return best;
}

static void bench(llvm::StringRef name, const Case &test,
                  llvm::StringRef processor) {
  ISA isa = llvm::cantFail(getISA(processor, ""));
  KernelConfig config = chooseKernel(test.getWeightsShape(), test.numbers, isa);
  Data data(test, config, /*withReference=*/false);
  Compiled compiled(test, config, processor);
  if (!compiled.getError().empty()) {
    llvm::outs() << name << ": " << compiled.getError() << "\n";
    return;
  }
  double seconds = measure(compiled, test, data);
  llvm::outs() << llvm::format("%-24s %9.1f us %7.1f GFLOP/s\n", name.data(),
                               seconds * 1e6, 2e-9 * test.macs() / seconds);
}

int main(int argc, char **argv) {
  llvm::StringRef processor = argc > 1 ? argv[1] : "native";
  Numbers numbers = argc > 2 ? Numbers::I8 : Numbers::F32;
  auto conv = [&](llvm::StringRef name, int64_t c, int64_t k, int64_t out,
                  int64_t window, int64_t stride) {
    Case test;
    test.numbers = numbers;
    test.c = c;
    test.k = k;
    test.r = test.s = window;
    test.strideH = test.strideW = stride;
    test.h = test.w = (out - 1) * stride + window;
    bench(name, test, processor);
  };
  auto depthwise = [&](llvm::StringRef name, int64_t c, int64_t out,
                       int64_t window, int64_t stride) {
    Case test;
    test.numbers = numbers;
    test.c = test.k = test.groups = c;
    test.r = test.s = window;
    test.strideH = test.strideW = stride;
    test.h = test.w = (out - 1) * stride + window;
    bench(name, test, processor);
  };
  auto gemm = [&](llvm::StringRef name, int64_t m, int64_t k, int64_t n) {
    Case test;
    test.numbers = numbers;
    test.n = m;
    test.c = k;
    test.k = n;
    test.isMatrix = true;
    bench(name, test, processor);
  };
  conv("3x3 64 56", 64, 64, 56, 3, 1);
  conv("3x3 128 28", 128, 128, 28, 3, 1);
  conv("3x3 256 14", 256, 256, 14, 3, 1);
  conv("3x3 512 7", 512, 512, 7, 3, 1);
  conv("3x3 s2 128 28", 128, 128, 28, 3, 2);
  conv("1x1 256-64 56", 256, 64, 56, 1, 1);
  conv("1x1 64-256 56", 64, 256, 56, 1, 1);
  conv("1x1 1024-256 14", 1024, 256, 14, 1, 1);
  conv("1x1 512-2048 7", 512, 2048, 7, 1, 1);
  conv("7x7 s2 3-64 112", 3, 64, 112, 7, 2);
  depthwise("dw 3x3 144 56", 144, 56, 3, 1);
  depthwise("dw 3x3 s2 144 28", 144, 28, 3, 2);
  depthwise("dw 5x5 240 28", 240, 28, 5, 1);
  depthwise("dw 3x3 960 7", 960, 7, 3, 1);
  gemm("gemm 1024", 1024, 1024, 1024);
  gemm("gemm 128x768x3072", 128, 768, 3072);
  gemm("gemm 128x3072x768", 128, 3072, 768);
  gemm("gemv 4096", 1, 4096, 4096);
  gemm("gemv 512x512", 1, 512, 512);
  auto formatted = [&](llvm::StringRef name, int64_t m, int64_t n,
                       const char *format, Numbers kind) {
    Case test;
    test.n = m;
    test.c = test.k = n;
    test.isMatrix = true;
    test.numbers = kind;
    test.weightsFormat = format;
    test.signs.isInputSigned = true;
    bench(name, test, processor);
  };
  const char *int4 = "uint4, block<1x32, f16, zero = 8>, dense";
  for (int64_t m : {1, 4, 128}) {
    formatted("int4 x int8 4096", m, 4096, int4, Numbers::Block);
    formatted("int4 x f32 4096", m, 4096, int4, Numbers::Decode);
    formatted("nf4 x f32 4096", m, 4096, "nf4, block<1x64, f16>, dense",
              Numbers::Decode);
    formatted("e4m3 x f32 4096", m, 4096, "e4m3fn, tensor<f32>, dense",
              Numbers::Decode);
  }
}
