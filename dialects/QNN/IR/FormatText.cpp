#include "dialects/QNN/IR/FormatText.h"
#include "dialects/QNN/IR/Dialect.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::qnn;
using formats::NamedFormat;
using formats::Sharing;
using llvm::Error;
using llvm::Expected;

/// Groups begin at a byte at any width of a code when they are multiples of 8.
static constexpr int64_t kGroupStep = 8, kMaxGroup = 1 << 16;
static constexpr llvm::StringLiteral kDynamic = ":dynamic:token";

static const formats::CodecRegistry &getCodecs(MLIRContext *context) {
  return context->getLoadedDialect<QNNDialect>()->getCodecs();
}

std::string qnn::getText(const NamedFormat &named) {
  if (named.isFixed)
    return named.name;
  switch (named.sharing) {
  case Sharing::Tensor:
    return named.name + ":tensor";
  case Sharing::Axis:
    return named.name + ":axis";
  case Sharing::Group:
    return named.name + ":g" + std::to_string(named.groupSize);
  }
  llvm_unreachable("all ways to share have a name");
}

static Type getScaleType(Builder &builder, const NamedFormat &named) {
  if (!named.scaleType.empty())
    return parseType(named.scaleType, builder.getContext());
  return named.sharing == Sharing::Group ? Type(builder.getF16Type())
                                         : Type(builder.getF32Type());
}

static Scaling getScaling(Builder &builder, const NamedFormat &named) {
  MLIRContext *context = builder.getContext();
  Type scaleType = getScaleType(builder, named);
  Attribute zeroPoint;
  if (named.zeroPoint)
    zeroPoint = builder.getI64IntegerAttr(*named.zeroPoint);
  else if (named.hasZeroPoints)
    zeroPoint = builder.getUnitAttr();
  switch (named.sharing) {
  case Sharing::Tensor:
    return TensorScalingAttr::get(context, scaleType, zeroPoint);
  case Sharing::Axis:
    return AxisScalingAttr::get(context, 0, scaleType, zeroPoint);
  case Sharing::Group:
    return BlockScalingAttr::get(context, {1, named.groupSize}, scaleType,
                                 zeroPoint);
  }
  llvm_unreachable("all ways to share have a scaling");
}

FormatAttr qnn::getFormat(MLIRContext *context, const NamedFormat &named) {
  Builder builder(context);
  return FormatAttr::get(named.codec, getScaling(builder, named),
                         DenseLayoutAttr::get(context));
}

const formats::Codec *qnn::findCodec(Type type) {
  std::string name;
  llvm::raw_string_ostream(name) << type;
  return getCodecs(type.getContext()).lookupType(name);
}

//===----------------------------------------------------------------------===//
// Parts of a FORMAT
//===----------------------------------------------------------------------===//

static Error makeError(StringRef text, const Twine &why) {
  return llvm::createStringError("format '" + text + "': " + why);
}

static Expected<NamedFormat> findFormat(MLIRContext *context, StringRef text,
                                        StringRef name) {
  const formats::CodecRegistry &codecs = getCodecs(context);
  if (const NamedFormat *format = codecs.lookupFormat(name))
    return *format;
  auto names =
      llvm::map_range(codecs.getFormats(), [](const NamedFormat &format) {
        return StringRef(format.name);
      });
  return makeError(text, "unknown codec '" + name + "'; known are " +
                             llvm::join(names, ", "));
}

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
static Error parseScaling(StringRef text, ArrayRef<StringRef> &parts,
                          NamedFormat &format) {
  if (parts.empty())
    return Error::success();
  StringRef part = parts.front();
  std::optional<StringRef> digits = getGroupDigits(part);
  if (!digits && part != "axis" && part != "tensor")
    return Error::success();
  if (format.isFixed)
    return makeError(text, "'" + format.name +
                               "' says its scaling already; leave out '" +
                               part + "'");
  format.sharing = digits           ? Sharing::Group
                   : part == "axis" ? Sharing::Axis
                                    : Sharing::Tensor;
  format.groupSize = 0;
  if (digits) {
    Expected<int64_t> size = parseGroupSize(text, *digits);
    if (!size)
      return size.takeError();
    format.groupSize = *size;
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

Expected<FormatAttr> qnn::parseWeightFormat(MLIRContext *context,
                                            StringRef text) {
  SmallVector<StringRef> split;
  text.split(split, ':');
  ArrayRef<StringRef> parts(split);
  Expected<NamedFormat> format = findFormat(context, text, parts.front());
  if (!format)
    return format.takeError();
  parts = parts.drop_front();
  if (Error error = parseScaling(text, parts, *format))
    return std::move(error);
  if (parts.empty())
    return getFormat(context, *format);
  if (parts.front() == "dynamic")
    return makeError(text, "weights are constant and their scales too; "
                           "'dynamic' is for --activations");
  return makeRestError(text, parts.front(),
                       "gN, axis or tensor, once: CODEC[:gN|:axis|:tensor]");
}

SmallVector<std::string> qnn::getActivationFormats(MLIRContext *context) {
  SmallVector<std::string> texts;
  for (const NamedFormat &format : getCodecs(context).getFormats())
    if (format.isForActivations)
      texts.push_back(format.name + kDynamic.str());
  return texts;
}

Expected<FormatAttr> qnn::parseActivationFormat(MLIRContext *context,
                                                StringRef text) {
  StringRef name = text.split(':').first;
  Expected<NamedFormat> format = findFormat(context, text, name);
  if (!format)
    return format.takeError();
  if (!format->isForActivations || text.drop_front(name.size()) != kDynamic)
    return makeError(
        text, "activations in this format are not built yet; known is '" +
                  llvm::join(getActivationFormats(context), "', '") + "'");
  format->sharing = Sharing::Axis;
  return getFormat(context, *format);
}
