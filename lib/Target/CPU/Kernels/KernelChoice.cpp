#include "lib/Target/CPU/Kernels/KernelChoice.h"

#include "lib/Target/CPU/Kernels/KernelCost.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"
#include "llvm/TargetParser/X86TargetParser.h"

using namespace qcc::cpu;

static bool isHostX86() {
  llvm::Triple host(llvm::sys::getDefaultTargetTriple());
  return host.getArch() == llvm::Triple::x86_64;
}

bool qcc::cpu::isX86(llvm::StringRef triple) {
  llvm::Triple normalized(llvm::Triple::normalize(triple));
  return triple.empty() ? isHostX86()
                        : normalized.getArch() == llvm::Triple::x86_64;
}

llvm::Expected<ISA> qcc::cpu::getISA(llvm::StringRef mcpu,
                                     llvm::StringRef mattr,
                                     llvm::StringRef triple) {
  if (!isX86(triple))
    return ISA::Generic;
  llvm::StringMap<bool> features;
  llvm::StringRef name = mcpu.empty() && !isHostX86() ? "x86-64" : mcpu;
  if (name.empty() || name == "native") {
    name = llvm::sys::getHostCPUName();
    features = llvm::sys::getHostCPUFeatures();
  }
  llvm::SmallVector<llvm::StringRef> implied;
  if (llvm::X86::parseArchX86(name) != llvm::X86::CK_None)
    llvm::X86::getFeaturesForCPU(name, implied);
  else if (features.empty())
    return llvm::createStringError(
        "unknown processor '" + mcpu +
        "'; --mcpu takes LLVM's names, such as x86-64-v3 or znver4");
  if (features.empty())
    for (llvm::StringRef feature : implied) {
      features[feature] = true;
      // A processor's list leaves out what others of its features imply.
      llvm::X86::updateImpliedFeatures(feature, /*Enabled=*/true, features);
    }
  for (llvm::StringRef part : llvm::split(mattr, ','))
    if (part.consume_front("+"))
      features[part] = true;
    else if (part.consume_front("-"))
      features[part] = false;
  auto has = [&](llvm::StringRef feature) { return features.lookup(feature); };
  if (has("avx512f") && has("avx512bw") && has("avx512dq") && has("avx512vl"))
    return has("avx512vnni") ? ISA::AVX512VNNI : ISA::AVX512;
  if (has("avx2") && has("fma"))
    return has("avxvnni") ? ISA::AVXVNNI : ISA::AVX2;
  return ISA::Generic;
}

bool qcc::cpu::isX86(qnn::TargetAttr target) {
  return isX86(target.getOption("mtriple"));
}

llvm::Expected<ISA> qcc::cpu::getISA(qnn::TargetAttr target) {
  return getISA(target.getOption("mcpu"), target.getOption("mattr"),
                target.getOption("mtriple"));
}

static bool isWide(ISA isa) {
  return isa == ISA::AVX512 || isa == ISA::AVX512VNNI;
}

int64_t qcc::cpu::getMaxLanes(ISA isa) {
  return isWide(isa) ? 16 : isa == ISA::Generic ? 4 : 8;
}

bool qcc::cpu::fitsStack(const KernelConfig &config) {
  int64_t lineBytes = config.getPanel() * sizeof(float);
  return config.reduction <= kDecodeBufferBytes / lineBytes &&
         config.blockRows <= kSumsBufferBytes / lineBytes;
}

/// Vectors of a panel such that the last panel has as many.
static void chooseVectors(KernelConfig &config, int64_t outputs,
                          int64_t maxVectors) {
  int64_t vectors = llvm::divideCeil(outputs, config.lanes);
  config.vectors = std::min(vectors, maxVectors);
  for (int64_t count = maxVectors; count > 1 && vectors > maxVectors; --count)
    if (count * 2 > maxVectors && vectors % count == 0) {
      config.vectors = count;
      break;
    }
}

/// Lanes and vectors of a panel such that few lanes of the last one are idle.
static void choosePanel(KernelConfig &config, int64_t outputs,
                        int64_t maxVectors) {
  if (isWide(config.isa) &&
      llvm::alignTo(outputs, 8) * 5 <= llvm::alignTo(outputs, 16) * 4)
    config.lanes = 8; // 32 registers and the same peak on most processors
  chooseVectors(config, outputs, maxVectors);
}

KernelConfig qcc::cpu::chooseKernel(const WeightsShape &shape, Numbers numbers,
                                    ISA isa) {
  KernelConfig config;
  config.numbers = numbers;
  config.isa = isa;
  config.lanes = getMaxLanes(isa);
  bool isDepthwise = shape.channels == 1 && shape.groups > 1 &&
                     shape.outputs == shape.groups &&
                     (numbers == Numbers::F32 || config.isExact());
  if (isDepthwise) {
    config.shape = Shape::Depthwise;
    config.rows = isWide(isa) ? 7 : 4;
    config.blockRows = 2;
    return config;
  }
  int64_t outputs = shape.outputs / shape.groups;
  choosePanel(config, outputs, isWide(isa) ? 4 : 2);
  // As many rows as registers hold sums of, but no more than there are
  // registers for addresses.
  int64_t sums = isWide(isa) ? 24 : 12;
  // Sums that are spilled and loaded in each step make times of a kernel differ
  // by a factor of 1.7 from one process to the next (seen on Zen).
  if (config.isExact())
    sums = std::min(sums, getNumRegisters(isa) - getTileVectors(config, false) +
                              config.vectors);
  config.rows = std::min<int64_t>(sums / config.vectors, 8);
  // Four steps of floats in 16 registers ran at two speeds on Zen, a factor of
  // 2 apart from one process to the next; eight do not.
  config.unroll = numbers == Numbers::F32 && !isWide(isa) ? 8 : 4;
  // Those of a matrix of bytes come from beyond the caches of a core as often
  // as there are blocks, and 128 tokens are one.
  bool isByteMatrix =
      numbers == Numbers::I8 && shape.windowH == 1 && shape.windowW == 1;
  int64_t blockRows = isByteMatrix || numbers == Numbers::Block ? 132 : 96;
  config.blockRows = config.rows * (blockRows / config.rows);
  if (numbers == Numbers::Block) {
    // Two kinds of sums share the registers.
    config.shape = Shape::Blocked;
    config.lanes = getMaxLanes(isa);
    chooseVectors(config, outputs, isWide(isa) ? 4 : 2);
    config.rows = std::min<int64_t>(sums / 2 / config.vectors, 6);
    config.blockRows = config.rows * (blockRows / config.rows);
  }
  if (numbers == Numbers::Decode) {
    config.shape = Shape::Blocked;
    config.reduction = llvm::alignDown(
        kDecodeBufferBytes / (config.getPanel() * sizeof(float)), 8);
  }
  return config;
}

KernelConfig qcc::cpu::chooseProductKernel(Numbers numbers, ISA isa) {
  // A panel of as many columns as registers allow.
  WeightsShape shape;
  shape.outputs = 1024;
  KernelConfig config = chooseKernel(shape, numbers, isa);
  config.shape = Shape::Blocked;
  config.reduction = 256; // Rows of the right operand that are packed at once.
  return config;
}

namespace {
/// Collects tiles, each once.
class KernelList {
public:
  explicit KernelList(const KernelConfig &first) { list.push_back(first); }

  void add(const KernelConfig &config) {
    bool isKnown = llvm::any_of(list, [&](const KernelConfig &known) {
      return known.getTile() == config.getTile();
    });
    if (!isKnown && fitsStack(config))
      list.push_back(config);
  }
  llvm::SmallVector<KernelConfig> take() { return std::move(list); }

private:
  llvm::SmallVector<KernelConfig> list;
};
} // namespace

/// Tiles like `first` with other rows and blocks of rows.
static void addDepthwise(KernelList &list, const KernelConfig &first) {
  static constexpr int64_t wide[] = {4, 7, 14}, narrow[] = {2, 4, 6};
  for (int64_t rows : isWide(first.isa) ? wide : narrow)
    for (int64_t blockRows : {1, 2, 4}) {
      KernelConfig config = first;
      config.rows = rows;
      config.blockRows = blockRows;
      list.add(config);
    }
}

/// Tiles of `config`'s lanes and vectors whose innermost loop fits into
/// registers; sums of whole blocks may wait in memory.
static void addTiles(KernelList &list, KernelConfig config) {
  config.rows = 1;
  int64_t most = 1;
  for (; most < 12; ++most) {
    config.rows = most + 1;
    if (getTileVectors(config, /*hasBlocks=*/false) >
        getNumRegisters(config.isa))
      break;
  }
  // Blocks of a format, and not the tile, say how far sums are unrolled; and
  // bytes that are widened in more steps than 4 at once do not fit.
  bool isUnrolled = config.numbers != Numbers::Block &&
                    !(config.isExact() && !config.hasVNNI());
  for (int64_t rows : {most, int64_t(8), int64_t(6), int64_t(4), int64_t(2)})
    for (int64_t unroll : {4, 8})
      for (int64_t blockRows : {96, 132, 192, 48}) {
        if (rows > most || (unroll != 4 && !isUnrolled))
          continue;
        config.rows = rows;
        config.unroll = unroll;
        config.blockRows = rows * (blockRows / rows);
        list.add(config);
      }
}

/// Tiles for `outputs` of panels of `config`'s kind.
static void addPanels(KernelList &list, KernelConfig config, int64_t outputs) {
  llvm::SmallVector<int64_t> widths = {getMaxLanes(config.isa)};
  // Half of a wide vector wastes less of the last one.
  if (isWide(config.isa) && config.shape == Shape::Direct)
    widths.push_back(widths.front() / 2);
  for (int64_t lanes : widths)
    for (int64_t vectors : {1, 2, 3, 4}) {
      if (vectors > 1 && (vectors - 1) * lanes >= outputs)
        continue;
      config.lanes = lanes;
      config.vectors = vectors;
      if (config.numbers == Numbers::Decode)
        config.reduction = llvm::alignDown(
            kDecodeBufferBytes / (config.getPanel() * sizeof(float)), 8);
      addTiles(list, config);
    }
}

llvm::SmallVector<KernelConfig>
qcc::cpu::listKernels(const WeightsShape &shape, Numbers numbers, ISA isa) {
  KernelConfig first = chooseKernel(shape, numbers, isa);
  KernelList list(first);
  if (first.shape == Shape::Depthwise) {
    addDepthwise(list, first);
    return list.take();
  }
  addPanels(list, first, shape.outputs / shape.groups);
  return list.take();
}

llvm::SmallVector<KernelConfig> qcc::cpu::listProductKernels(Numbers numbers,
                                                             ISA isa) {
  KernelConfig first = chooseProductKernel(numbers, isa);
  KernelList list(first);
  addPanels(list, first, /*outputs=*/1024);
  return list.take();
}
