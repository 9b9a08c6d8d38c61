#include "lib/Formats/FormatSpec.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

#include <utility>

using llvm::Error;
using llvm::Expected;
using llvm::StringRef;
using llvm::Twine;

namespace qcc::formats {

constexpr int kGroupScaleBits = 16, kScaleBits = 32;
/// Groups begin at a byte at any width of a code when they are multiples of 8.
constexpr int64_t kGroupStep = 8, kMaxGroup = 1 << 16;

double FormatSpec::getBitsPerValue(const CodecRegistry &codecs,
                                   int64_t reduction) const {
  unsigned bits = codecs.lookup(codec)->getBits();
  // Zero points are bytes: see FormattedType::getComponents.
  int shared = (sharing == Sharing::Group ? kGroupScaleBits : kScaleBits) +
               (hasZeroPoints ? 8 : 0);
  if (sharing == Sharing::Tensor)
    return bits;
  int64_t numShared =
      sharing == Sharing::Group ? llvm::divideCeil(reduction, groupSize) : 1;
  return bits + static_cast<double>(numShared * shared) / reduction;
}

std::string FormatSpec::str() const {
  std::string text = name;
  if (isDynamicPerToken)
    return text + ":dynamic:token";
  switch (sharing) {
  case Sharing::Tensor:
    return text + ":tensor";
  case Sharing::Axis:
    return text + ":axis";
  case Sharing::Group:
    return text + ":g" + std::to_string(groupSize);
  }
  llvm_unreachable("unknown sharing");
}

//===----------------------------------------------------------------------===//
// What is known
//===----------------------------------------------------------------------===//

static NamedCodec makeInteger(bool isSigned, unsigned bits) {
  std::string width = std::to_string(bits);
  FormatSpec spec;
  spec.name = (isSigned ? "int" : "uint") + width;
  spec.codec = spec.name;
  if (isSigned && bits < 8) {
    spec.codec = "uint" + width;
    spec.zeroPoint = int64_t(1) << (bits - 1);
  }
  spec.hasZeroPoints = !isSigned;
  // So few levels lose too much under a scale for a whole row.
  if (bits <= 4) {
    spec.sharing = Sharing::Group;
    spec.groupSize = 32;
  }
  std::string description =
      width + (isSigned ? "-bit integers, symmetric around zero"
                        : "-bit integers, with a zero point for each scale");
  return {spec.name, std::move(description), std::move(spec)};
}

std::vector<NamedCodec> getWeightCodecs() {
  std::vector<NamedCodec> codecs;
  for (bool isSigned : {true, false})
    for (unsigned bits = 2; bits <= 8; ++bits)
      codecs.push_back(makeInteger(isSigned, bits));

  FormatSpec nf4;
  nf4.name = nf4.codec = "nf4";
  nf4.sharing = Sharing::Group;
  nf4.groupSize = 64; // as QLoRA
  codecs.push_back({nf4.name, "4-bit quantiles of a normal distribution", nf4});

  FormatSpec e4m3;
  e4m3.name = "fp8_e4m3";
  e4m3.codec = "e4m3fn";
  codecs.push_back(
      {e4m3.name, "8-bit floats, 4 bits of exponent and 3 of fraction", e4m3});
  return codecs;
}

static Error makeError(StringRef text, const Twine &why) {
  return llvm::createStringError("format '" + text + "': " + why);
}

static Expected<FormatSpec> findCodec(StringRef text, StringRef name) {
  std::vector<NamedCodec> codecs = getWeightCodecs();
  // The names that ONNX and ml_dtypes have for it.
  if (name == "fp8_e4m3fn" || name == "e4m3fn")
    name = "fp8_e4m3";
  for (NamedCodec &codec : codecs)
    if (codec.name == name)
      return std::move(codec.defaults);
  auto names = llvm::map_range(
      codecs, [](const NamedCodec &codec) { return StringRef(codec.name); });
  return makeError(text, "unknown codec '" + name + "'; known are " +
                             llvm::join(names, ", "));
}

//===----------------------------------------------------------------------===//
// Parts of a FORMAT
//===----------------------------------------------------------------------===//

/// `part` as gN; nothing where it is no such thing.
static std::optional<StringRef> getGroupDigits(StringRef part) {
  if (!part.consume_front("g") || part.empty() ||
      !llvm::all_of(part, llvm::isDigit))
    return std::nullopt;
  return part;
}

static Expected<int64_t> parseGroupSize(StringRef text, StringRef digits) {
  int64_t size;
  if (digits.getAsInteger(10, size) || size < kGroupStep || size > kMaxGroup ||
      size % kGroupStep != 0)
    return makeError(text, "groups of " + digits +
                               " values are not supported; N of gN is a "
                               "multiple of " +
                               Twine(kGroupStep) + " up to " +
                               Twine(kMaxGroup));
  return size;
}

/// Takes a scaling from the front of `parts` if one stands there.
static Error parseScaling(StringRef text, llvm::ArrayRef<StringRef> &parts,
                          FormatSpec &spec) {
  if (parts.empty())
    return Error::success();
  StringRef part = parts.front();
  if (part == "axis" || part == "tensor") {
    spec.sharing = part == "axis" ? Sharing::Axis : Sharing::Tensor;
    spec.groupSize = 0;
  } else if (std::optional<StringRef> digits = getGroupDigits(part)) {
    Expected<int64_t> size = parseGroupSize(text, *digits);
    if (!size)
      return size.takeError();
    spec.sharing = Sharing::Group;
    spec.groupSize = *size;
  } else {
    return Error::success();
  }
  parts = parts.drop_front();
  return Error::success();
}

/// NofM: known, but nothing executes it yet.
static bool isSparsity(StringRef part) {
  auto [n, m] = part.split("of");
  return !n.empty() && !m.empty() && llvm::all_of(n, llvm::isDigit) &&
         llvm::all_of(m, llvm::isDigit);
}

static Error makeRestError(StringRef text, StringRef part,
                           const Twine &expected) {
  if (isSparsity(part))
    return makeError(text, "sparsity '" + part +
                               "' is not built yet; leave "
                               "it out");
  return makeError(text, "cannot read '" + part + "'; expected " + expected);
}

Expected<FormatSpec> parseWeightFormat(StringRef text) {
  llvm::SmallVector<StringRef> split;
  text.split(split, ':');
  llvm::ArrayRef<StringRef> parts(split);
  Expected<FormatSpec> spec = findCodec(text, parts.front());
  if (!spec)
    return spec.takeError();
  parts = parts.drop_front();
  if (Error error = parseScaling(text, parts, *spec))
    return std::move(error);
  if (parts.empty())
    return spec;
  if (parts.front() == "dynamic")
    return makeError(text, "weights are constant and their scales too; "
                           "'dynamic' is for --activations");
  return makeRestError(text, parts.front(),
                       "gN, axis or tensor, once: CODEC[:gN|:axis|:tensor]");
}

Expected<FormatSpec> parseActivationFormat(StringRef text) {
  constexpr llvm::StringLiteral known = "int8:dynamic:token";
  auto [name, rest] = text.split(':');
  Expected<FormatSpec> spec = findCodec(text, name);
  if (!spec)
    return spec.takeError();
  if (text != known)
    return makeError(text, "activations in this format are not built yet; "
                           "known is '" +
                               known + "'");
  spec->sharing = Sharing::Axis;
  spec->isDynamicPerToken = true;
  return spec;
}

} // namespace qcc::formats
