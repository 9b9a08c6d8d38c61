#include "lib/Import/ONNX/Tensors.h"

#include "lib/Import/ONNX/onnx.pb.h"
#include "qcc/Executor/Constants.h"

#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::importer;
using llvm::createStringError;
using llvm::Error;
using llvm::Expected;
using llvm::formatv;

namespace {

constexpr unsigned rawDataField = 9;

Error fail(const Twine &what) { return createStringError(what.str()); }

/// Writes the entries of a field one after the other in raw_data's layout.
class EntryDecoder {
public:
  EntryDecoder(ArrayRef<uint8_t> file, unsigned bits, uint64_t expected)
      : file(file), bits(bits), expected(expected) {}

  /// False when the bytes are no whole number of entries. Stops at the first
  /// one too many: a sparse file may hold more zeros than there is memory.
  bool decode(const DataRun &run);

  uint64_t entries = 0;
  std::string bytes;

private:
  void append(uint64_t value) {
    ++entries;
    if (bits != 6) {
      for (unsigned i = 0; i < std::max(bits, 8u); i += 8)
        bytes.push_back(char(value >> i));
      return;
    }
    // Four elements in three bytes.
    pending |= (value & 0x3f) << numPending;
    numPending += 6;
    flush(/*all=*/false);
  }

public:
  void flush(bool all) {
    for (; numPending >= 8 || (all && numPending > 0); pending >>= 8) {
      bytes.push_back(char(pending));
      numPending -= std::min(numPending, 8u);
    }
  }

private:
  ArrayRef<uint8_t> file;
  unsigned bits;
  uint64_t expected;
  uint64_t pending = 0;
  unsigned numPending = 0;
};

bool EntryDecoder::decode(const DataRun &run) {
  uint64_t offset = run.offset, end = run.offset + run.size;
  bool isFixed32 = run.field == 4, isFixed64 = run.field == 10;
  while (offset < end && entries <= expected) {
    if (!run.packed) {
      std::optional<uint64_t> tag = readVarint(file, offset, end);
      unsigned wire = isFixed32 ? 5 : isFixed64 ? 1 : 0;
      if (!tag || (*tag & 7) != wire)
        return false;
    }
    if (!isFixed32 && !isFixed64) {
      std::optional<uint64_t> value = readVarint(file, offset, end);
      if (!value)
        return false;
      append(*value);
      continue;
    }
    uint64_t width = isFixed32 ? 4 : 8;
    if (end - offset < width)
      return false;
    append(isFixed32 ? llvm::support::endian::read32le(file.data() + offset)
                     : llvm::support::endian::read64le(file.data() + offset));
    offset += width;
  }
  return true;
}

/// Element `i` of bits that run on from byte to byte, lowest first.
uint64_t extractBits(ArrayRef<uint8_t> data, uint64_t i, unsigned bits) {
  uint64_t position = i * bits, value = data[position / 8] >> (position % 8);
  if (position % 8 + bits > 8)
    value |= uint64_t(data[position / 8 + 1]) << (8 - position % 8);
  return value & ((1u << bits) - 1);
}

} // namespace

/// The number of bytes, or nothing when it exceeds the limit.
static std::optional<uint64_t> getNumBytes(uint64_t count, unsigned bits,
                                           uint64_t limit) {
  std::optional<uint64_t> total =
      llvm::checkedMulUnsigned(count, uint64_t(bits));
  if (!total || *total / 8 > limit)
    return std::nullopt;
  return llvm::divideCeil(*total, 8);
}

Expected<TensorView> TensorReader::read(const ::onnx::TensorProto &proto,
                                        MLIRContext *context) {
  TensorView view;
  view.element = getElementType(proto.data_type(), context);
  if (view.element.name.empty())
    return fail("has element type " + Twine(proto.data_type()) +
                ", which is not one of ONNX's");
  if (!view.element.type)
    return fail("has elements of type " + view.element.name +
                ", which qcc does not support");
  if (proto.has_segment())
    return fail("is stored in segments, which qcc does not support; save the "
                "model with whole tensors");

  SmallVector<int64_t> shape(proto.dims().begin(), proto.dims().end());
  if (shape.size() > maxRank)
    return fail("has " + Twine(shape.size()) + " axes; qcc takes at most " +
                Twine(maxRank));
  uint64_t count = 1;
  for (int64_t extent : shape) {
    if (extent < 0)
      return fail("has an extent of " + Twine(extent));
    // The others must make sense even beside a zero.
    if (extent == 0)
      continue;
    std::optional<uint64_t> product =
        llvm::checkedMulUnsigned(count, uint64_t(extent));
    if (!product)
      return fail("has a shape whose number of elements overflows");
    count = *product;
  }
  if (llvm::is_contained(shape, 0))
    count = 0;
  std::optional<uint64_t> size =
      getNumBytes(count, view.element.bits, limits.maxTensorBytes);
  if (!size)
    return fail(
        formatv("has {0} elements, more than the importer accepts", count)
            .str());
  view.type = RankedTensorType::get(shape, view.element.type);

  if (proto.data_location() == ::onnx::TensorProto::EXTERNAL) {
    if (Error error = readExternal(proto, *size, view))
      return error;
    return view;
  }
  std::optional<uint64_t> number = getTensorNumber(proto.raw_data());
  assert(number && *number < tensors.size() && "the scan numbers all tensors");
  if (Error error = readInternal(tensors[*number], count, *size, view))
    return error;
  return view;
}

Error TensorReader::readInternal(const TensorData &data, uint64_t count,
                                 uint64_t size, TensorView &view) {
  auto failHere = [&](const Twine &what) {
    return fail(what + " (byte " + Twine(data.offset) + ")");
  };
  view.owner = file;
  for (const DataRun &run : data.runs)
    if (run.field != data.runs.front().field)
      return failHere("has data in several fields, so what it holds is not "
                      "clear");
  const DataRun *raw = llvm::find_if(
      data.runs, [](const DataRun &run) { return run.field == rawDataField; });
  if (raw != data.runs.end()) {
    if (raw->size != size)
      return failHere(
          formatv("has {0} bytes of raw_data, but its shape and type "
                  "({1}) need {2}",
                  raw->size, view.element.name, size)
              .str());
    view.data = file->get().slice(raw->offset, raw->size);
    return Error::success();
  }

  SmallVector<DataRun> runs;
  for (const DataRun &run : data.runs)
    if (run.field == view.element.field)
      runs.push_back(run);
  // Elements as they lie in the file.
  bool isFixed = view.element.field == 4 || view.element.field == 10;
  if (isFixed && runs.size() == 1 && runs[0].packed && runs[0].size == size) {
    view.data = file->get().slice(runs[0].offset, size);
    return Error::success();
  }
  uint64_t expected = llvm::divideCeil(count, view.element.perEntry);
  EntryDecoder decoder(file->get(), view.element.bits, expected);
  for (const DataRun &run : runs)
    if (!decoder.decode(run))
      return failHere("has data that end within an element");
  decoder.flush(/*all=*/true);
  if (decoder.entries != expected)
    return failHere(formatv("has {0} numbers of data, but its shape and type "
                            "({1}) need {2}",
                            decoder.entries > expected
                                ? "more than " + std::to_string(expected)
                                : std::to_string(decoder.entries),
                            view.element.name, expected)
                        .str());
  view.owner = copyBytes(decoder.bytes);
  view.data = view.owner->get();
  return Error::success();
}

Error TensorReader::readExternal(const ::onnx::TensorProto &proto,
                                 uint64_t size, TensorView &view) {
  StringRef location;
  uint64_t offset = 0;
  std::optional<uint64_t> length;
  for (const auto &entry : proto.external_data()) {
    StringRef key = entry.key(), value = entry.value();
    uint64_t number = 0;
    if (key == "location") {
      location = value;
    } else if (key == "offset" || key == "length") {
      if (value.getAsInteger(10, number))
        return fail("has external data with the " + key + " '" + value +
                    "', which is no number of bytes");
      key == "offset" ? void(offset = number) : void(length = number);
    }
  }
  if (length && *length != size)
    return fail(
        formatv("has {0} bytes of external data, but its shape and type "
                "({1}) need {2}",
                *length, view.element.name, size)
            .str());
  Expected<SharedBytes> bytes = externalFiles.open(location);
  if (!bytes)
    return fail("has external data that cannot be used: " +
                llvm::toString(bytes.takeError()));
  uint64_t available = (*bytes)->get().size();
  if (offset > available || available - offset < size)
    return fail(formatv("needs bytes {0} to {1} of '{2}', which has only {3}; "
                        "the file is truncated or not the model's",
                        offset, offset + size, location, available)
                    .str());
  view.owner = *bytes;
  view.data = (*bytes)->get().slice(offset, size);
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

ElementsAttr qcc::importer::makeResource(RankedTensorType type,
                                         ArrayRef<uint8_t> data,
                                         SharedBytes owner, StringRef name) {
  ArrayRef<char> chars(reinterpret_cast<const char *>(data.data()),
                       data.size());
  // Alignment 1: a file packs tensors as it likes.
  AsmResourceBlob blob = UnmanagedAsmResourceBlob::allocateWithAlign(
      chars, /*align=*/1, [owner](void *, size_t, size_t) {});
  return DenseResourceElementsAttr::get(type, name, std::move(blob));
}

/// Elements of a byte or more, and bool, are stored as raw_data has them.
static ElementsAttr makeInline(const TensorView &view) {
  RankedTensorType type = view.type;
  unsigned bits = view.element.bits;
  int64_t count = type.getNumElements();
  if (type.getElementType().isInteger(1)) {
    SmallVector<bool> values;
    for (uint8_t byte : view.data)
      values.push_back(byte != 0);
    return DenseElementsAttr::get(type, ArrayRef<bool>(values));
  }
  if (bits >= 8) {
    ArrayRef<char> chars(reinterpret_cast<const char *>(view.data.data()),
                         view.data.size());
    return DenseElementsAttr::getFromRawBuffer(type, chars);
  }
  SmallVector<APInt> codes;
  for (int64_t i = 0; i < count; ++i)
    codes.emplace_back(bits, extractBits(view.data, i, bits));
  auto floatType = dyn_cast<FloatType>(type.getElementType());
  if (!floatType)
    return DenseElementsAttr::get(type, codes);
  SmallVector<APFloat> values;
  for (const APInt &code : codes)
    values.emplace_back(floatType.getFloatSemantics(), code);
  return DenseElementsAttr::get(type, values);
}

/// One element, if all are equal to it bit for bit.
static std::optional<TensorView> getSplat(const TensorView &view) {
  unsigned bytes = view.element.bits / 8;
  if (view.element.bits < 8 || view.data.size() < bytes ||
      memcmp(view.data.data(), view.data.data() + bytes,
             view.data.size() - bytes) != 0)
    return std::nullopt;
  TensorView splat = view;
  splat.data = view.data.take_front(bytes);
  return splat;
}

ElementsAttr qcc::importer::makeAttribute(const TensorView &view,
                                          StringRef name) {
  if (std::optional<TensorView> splat = getSplat(view))
    return makeInline(*splat);
  bool isNarrow = view.element.bits < 8;
  if (view.data.size() <= uint64_t(maxInlineBytes))
    return makeInline(view);
  bool isBool = view.type.getElementType().isInteger(1);
  if (!isNarrow &&
      !(isBool && llvm::any_of(view.data, [](uint8_t b) { return b > 1; })))
    return makeResource(view.type, view.data, view.owner, name);
  std::string bytes;
  bytes.reserve(view.type.getNumElements());
  for (int64_t i = 0, e = view.type.getNumElements(); i < e; ++i)
    bytes.push_back(isBool
                        ? char(view.data[i] != 0)
                        : char(extractBits(view.data, i, view.element.bits)));
  SharedBytes owner = copyBytes(bytes);
  return makeResource(view.type, owner->get(), owner, name);
}
