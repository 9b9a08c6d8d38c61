#include "lib/Target/CPU/Kernels/KernelConfig.h"

#include "llvm/ADT/StringExtras.h"

using namespace qcc::cpu;

namespace {
struct NamedISA {
  llvm::StringRef name;
  ISA isa;
};
struct NamedShape {
  llvm::StringRef name;
  Shape shape;
};
struct NamedNumbers {
  llvm::StringRef name;
  Numbers numbers;
};
} // namespace

static constexpr NamedISA kISAs[] = {{"generic", ISA::Generic},
                                     {"avx2", ISA::AVX2},
                                     {"avxvnni", ISA::AVXVNNI},
                                     {"avx512", ISA::AVX512},
                                     {"avx512vnni", ISA::AVX512VNNI}};
static constexpr NamedShape kShapes[] = {{"direct", Shape::Direct},
                                         {"blocked", Shape::Blocked},
                                         {"depthwise", Shape::Depthwise}};
static constexpr NamedNumbers kNumbers[] = {
    {"f32", Numbers::F32},       {"i8", Numbers::I8},
    {"i8w", Numbers::I8Wide},    {"i16", Numbers::I16},
    {"f32dec", Numbers::Decode}, {"i8blk", Numbers::Block}};

llvm::StringRef qcc::cpu::getName(ISA isa) {
  return kISAs[static_cast<size_t>(isa)].name;
}

template <typename Table>
static auto find(const Table &table, llvm::StringRef name) {
  return llvm::find_if(table,
                       [&](const auto &entry) { return entry.name == name; });
}

static constexpr size_t kTileSize = 6;

llvm::Expected<KernelConfig> KernelConfig::parse(qnn::KernelAttr kernel) {
  auto refuse = [&](const llvm::Twine &why) {
    return llvm::createStringError("the CPU has no kernel '" +
                                   kernel.getName() + "': " + why +
                                   "; see docs/kernels.md");
  };
  llvm::SmallVector<llvm::StringRef> parts;
  kernel.getName().split(parts, '_');
  if (parts.size() != 3)
    return refuse("a name has three parts, SHAPE_NUMBERS_ISA");
  auto shape = find(kShapes, parts[0]);
  auto numbers = find(kNumbers, parts[1]);
  auto isa = find(kISAs, parts[2]);
  if (shape == std::end(kShapes))
    return refuse("unknown shape '" + parts[0] + "'");
  if (numbers == std::end(kNumbers))
    return refuse("unknown numbers '" + parts[1] + "'");
  if (isa == std::end(kISAs))
    return refuse("unknown instruction set '" + parts[2] + "'");
  llvm::ArrayRef<int64_t> tile = kernel.getTile();
  if (tile.size() != kTileSize ||
      llvm::any_of(tile.drop_back(), [](int64_t part) { return part < 1; }) ||
      tile.back() < 0)
    return refuse("a tile has six elements, positive but for the last");
  KernelConfig config;
  config.shape = shape->shape;
  config.numbers = numbers->numbers;
  config.isa = isa->isa;
  config.rows = tile[0];
  config.vectors = tile[1];
  config.lanes = tile[2];
  config.unroll = tile[3];
  config.blockRows = tile[4];
  config.reduction = tile[5];
  if (!llvm::isPowerOf2_64(config.lanes) || config.lanes > 64 ||
      config.rows * config.vectors > 64)
    return refuse("lanes are a power of two up to 64, and a tile has at most "
                  "64 vectors");
  return config;
}

std::string KernelConfig::getKernelName() const {
  return (kShapes[static_cast<size_t>(shape)].name + "_" +
          kNumbers[static_cast<size_t>(numbers)].name + "_" +
          kISAs[static_cast<size_t>(isa)].name)
      .str();
}

llvm::SmallVector<int64_t> KernelConfig::getTile() const {
  return {rows, vectors, lanes, unroll, blockRows, reduction};
}
