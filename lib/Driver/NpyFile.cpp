// numpy.lib.format: "\x93NUMPY", version, length of the header, a Python
// dictionary as text, the elements.

#include "lib/Driver/TensorFile.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"

#include <cstring>

using namespace llvm;

namespace qcc::driver {

static constexpr StringLiteral magic("\x93NUMPY");

namespace {
struct Header {
  StringRef descr;
  bool isFortran = false;
  SmallVector<int64_t> shape;
};
} // namespace

static Error fail(const Twine &what) {
  return createStringError("not a .npy file that qcc reads: " + what.str());
}

/// The text after `'key':`.
static StringRef findValue(StringRef header, StringRef key) {
  size_t at = header.find(("'" + key + "':").str());
  if (at == StringRef::npos)
    return {};
  return header.drop_front(at + key.size() + 3).ltrim();
}

static Expected<Header> parseHeader(StringRef text) {
  Header header;
  StringRef descr = findValue(text, "descr");
  StringRef order = findValue(text, "fortran_order");
  StringRef shape = findValue(text, "shape");
  if (!descr.consume_front("'") || !shape.consume_front("("))
    return fail("its header has no plain 'descr' and 'shape'");
  header.descr = descr.take_until([](char c) { return c == '\''; });
  header.isFortran = order.starts_with("True");
  SmallVector<StringRef> extents;
  shape.take_until([](char c) { return c == ')'; }).split(extents, ',');
  for (StringRef extent : extents) {
    extent = extent.trim();
    if (extent.empty())
      continue;
    if (extent.getAsInteger(10, header.shape.emplace_back()) ||
        header.shape.back() < 0)
      return fail("its shape has an extent '" + extent + "'");
  }
  return header;
}

static Expected<mlir::Type>
parseType(StringRef descr, mlir::MLIRContext &context, mlir::Type expected) {
  mlir::Builder b(&context);
  unsigned bytes = 0;
  StringRef full = descr;
  bool isBig = descr.consume_front(">");
  if (!isBig)
    descr = descr.ltrim("<|=");
  if (descr.empty() || descr.drop_front().getAsInteger(10, bytes))
    return fail("unknown type '" + full + "'");
  if (isBig && bytes > 1)
    return fail("its numbers are big endian ('" + full + "'); convert them " +
                "with numpy's astype");
  switch (descr.front()) {
  case 'f':
    if (bytes == 2)
      return b.getF16Type();
    if (bytes == 4)
      return b.getF32Type();
    if (bytes == 8)
      return b.getF64Type();
    break;
  case 'i':
    if (is_contained({1u, 2u, 4u, 8u}, bytes))
      return b.getIntegerType(bytes * 8);
    break;
  case 'u':
    if (is_contained({1u, 2u, 4u, 8u}, bytes))
      return b.getIntegerType(bytes * 8, /*isSigned=*/false);
    break;
  case 'b':
    return b.getI1Type();
  case 'V':
    if (expected && getElementBytes(expected) == bytes)
      return expected;
    break;
  }
  return fail("it holds '" + full + "', which is no type of a model's tensor" +
              (descr.front() == 'V' ? " here; use a .pb file" : ""));
}

/// Elements in column-major order, put into row-major order.
static void copyFortran(const char *from, const Tensor &like, char *to) {
  unsigned bytes = like.getElementBytes();
  ArrayRef<int64_t> shape = like.getShape();
  SmallVector<int64_t> index(shape.size(), 0);
  for (int64_t i = 0, count = like.getNumElements(); i < count; ++i) {
    int64_t offset = 0, stride = 1;
    for (size_t axis = 0; axis < shape.size(); ++axis) {
      offset += index[axis] * stride;
      stride *= shape[axis];
    }
    memcpy(to + i * bytes, from + offset * bytes, bytes);
    for (size_t axis = shape.size(); axis-- > 0;) {
      if (++index[axis] < shape[axis])
        break;
      index[axis] = 0;
    }
  }
}

Expected<Tensor> readNpy(StringRef bytes, mlir::MLIRContext &context,
                         mlir::Type expected) {
  if (!bytes.starts_with(magic) || bytes.size() < 12)
    return fail("it does not begin with \\x93NUMPY");
  unsigned version = static_cast<unsigned char>(bytes[6]);
  size_t start = version == 1 ? 10 : 12;
  size_t length = version == 1 ? support::endian::read16le(bytes.data() + 8)
                               : support::endian::read32le(bytes.data() + 8);
  if (version < 1 || version > 3 || length > bytes.size() - start)
    return fail("its header is damaged");
  Expected<Header> header = parseHeader(bytes.substr(start, length));
  if (!header)
    return header.takeError();
  Expected<mlir::Type> type = parseType(header->descr, context, expected);
  if (!type)
    return type.takeError();
  StringRef data = bytes.drop_front(start + length);
  // No allocation by what a damaged header says.
  uint64_t count = 1;
  for (int64_t extent : header->shape)
    if (extent != 0 && (count *= extent) > data.size())
      break;
  bool isEmpty = is_contained(header->shape, 0);
  if (!isEmpty && count > data.size() / getElementBytes(*type))
    return fail("it has " + Twine(data.size()) + " bytes of data, too few " +
                "for its shape");
  Expected<Tensor> tensor = Tensor::allocate(*type, header->shape);
  if (!tensor)
    return tensor.takeError();
  size_t size = tensor->getBytes().size();
  if (data.size() != size)
    return fail("it has " + Twine(data.size()) + " bytes of data where its " +
                "shape asks for " + Twine(size));
  if (header->isFortran)
    copyFortran(data.data(), *tensor, tensor->getWritable());
  else
    memcpy(tensor->getWritable(), data.data(), size);
  return tensor;
}

static std::string getDescr(mlir::Type type) {
  unsigned bytes = getElementBytes(type);
  std::string digits = utostr(bytes);
  StringRef order = bytes == 1 ? "|" : "<";
  if (type.isInteger(1))
    return "|b1";
  if (type.isF16() || type.isF32() || type.isF64())
    return (order + "f" + digits).str();
  auto integer = dyn_cast<mlir::IntegerType>(type);
  if (!integer || integer.getWidth() != bytes * 8)
    return {};
  return (order + (integer.isUnsigned() ? "u" : "i") + digits).str();
}

std::optional<std::string> makeNpy(const Tensor &tensor) {
  std::string descr = getDescr(tensor.getElementType());
  if (descr.empty())
    return std::nullopt;
  std::string header =
      "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (";
  for (int64_t extent : tensor.getShape())
    header += std::to_string(extent) + ", ";
  header += "), }";
  // The elements begin at a multiple of 64.
  while ((10 + header.size() + 1) % 64 != 0)
    header += ' ';
  header += '\n';
  std::string file = magic.str();
  file += '\x01';
  file += '\x00';
  file += static_cast<char>(header.size() & 0xff);
  file += static_cast<char>(header.size() >> 8);
  file += header;
  file.append(tensor.getBytes().data(), tensor.getBytes().size());
  return file;
}

} // namespace qcc::driver
