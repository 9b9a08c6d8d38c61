#include "lib/Import/ONNX/WireScan.h"

#include "llvm/Support/Endian.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;
using namespace qcc;
using namespace qcc::importer;

namespace {

enum class Kind : uint8_t {
  Model,
  Opset,
  Graph,
  Function,
  Node,
  Attribute,
  Tensor,
  SparseTensor,
  Entry,
  Segment,
  ValueInfo,
  Type,
  TensorType,
  SequenceType,
  Shape,
  Dimension,
  /// Not a message: number or string.
  Scalar,
  /// Repeated numbers, which may be packed.
  Varints,
  Floats,
  /// Elements of a tensor.
  Data,
  /// Not read by the importer.
  Dropped,
};

struct Field {
  Kind message;
  unsigned number;
  Kind kind;
};

// Fields of onnx.proto; those that are not here are dropped.
constexpr Field fields[] = {
    {Kind::Model, 1, Kind::Scalar},
    {Kind::Model, 7, Kind::Graph},
    {Kind::Model, 8, Kind::Opset},
    {Kind::Model, 25, Kind::Function},
    {Kind::Opset, 1, Kind::Scalar},
    {Kind::Opset, 2, Kind::Scalar},
    {Kind::Graph, 1, Kind::Node},
    {Kind::Graph, 2, Kind::Scalar},
    {Kind::Graph, 5, Kind::Tensor},
    {Kind::Graph, 11, Kind::ValueInfo},
    {Kind::Graph, 12, Kind::ValueInfo},
    {Kind::Graph, 15, Kind::SparseTensor},
    {Kind::Function, 1, Kind::Scalar},
    {Kind::Function, 4, Kind::Scalar},
    {Kind::Function, 5, Kind::Scalar},
    {Kind::Function, 6, Kind::Scalar},
    {Kind::Function, 7, Kind::Node},
    {Kind::Function, 9, Kind::Opset},
    {Kind::Function, 10, Kind::Scalar},
    {Kind::Function, 11, Kind::Attribute},
    {Kind::Function, 13, Kind::Scalar},
    {Kind::Node, 1, Kind::Scalar},
    {Kind::Node, 2, Kind::Scalar},
    {Kind::Node, 3, Kind::Scalar},
    {Kind::Node, 4, Kind::Scalar},
    {Kind::Node, 5, Kind::Attribute},
    {Kind::Node, 7, Kind::Scalar},
    {Kind::Node, 8, Kind::Scalar},
    {Kind::Attribute, 1, Kind::Scalar},
    {Kind::Attribute, 2, Kind::Scalar},
    {Kind::Attribute, 3, Kind::Scalar},
    {Kind::Attribute, 4, Kind::Scalar},
    {Kind::Attribute, 5, Kind::Tensor},
    {Kind::Attribute, 6, Kind::Graph},
    {Kind::Attribute, 7, Kind::Floats},
    {Kind::Attribute, 8, Kind::Varints},
    {Kind::Attribute, 9, Kind::Scalar},
    {Kind::Attribute, 10, Kind::Tensor},
    {Kind::Attribute, 11, Kind::Graph},
    {Kind::Attribute, 20, Kind::Scalar},
    {Kind::Attribute, 21, Kind::Scalar},
    {Kind::Attribute, 22, Kind::SparseTensor},
    {Kind::Tensor, 1, Kind::Varints},
    {Kind::Tensor, 2, Kind::Scalar},
    {Kind::Tensor, 3, Kind::Segment},
    {Kind::Tensor, 4, Kind::Data},
    {Kind::Tensor, 5, Kind::Data},
    {Kind::Tensor, 6, Kind::Data},
    {Kind::Tensor, 7, Kind::Data},
    {Kind::Tensor, 8, Kind::Scalar},
    {Kind::Tensor, 9, Kind::Data},
    {Kind::Tensor, 10, Kind::Data},
    {Kind::Tensor, 11, Kind::Data},
    {Kind::Tensor, 13, Kind::Entry},
    {Kind::Tensor, 14, Kind::Scalar},
    {Kind::SparseTensor, 1, Kind::Tensor},
    {Kind::SparseTensor, 2, Kind::Tensor},
    {Kind::SparseTensor, 3, Kind::Varints},
    {Kind::Entry, 1, Kind::Scalar},
    {Kind::Entry, 2, Kind::Scalar},
    {Kind::Segment, 1, Kind::Scalar},
    {Kind::Segment, 2, Kind::Scalar},
    {Kind::ValueInfo, 1, Kind::Scalar},
    {Kind::ValueInfo, 2, Kind::Type},
    {Kind::Type, 1, Kind::TensorType},
    {Kind::Type, 4, Kind::SequenceType},
    {Kind::Type, 5, Kind::SequenceType}, // map: only that it is one matters
    {Kind::Type, 8, Kind::TensorType},
    {Kind::Type, 9, Kind::SequenceType}, // optional
    {Kind::SequenceType, 1, Kind::Dropped},
    {Kind::TensorType, 1, Kind::Scalar},
    {Kind::TensorType, 2, Kind::Shape},
    {Kind::Shape, 1, Kind::Dimension},
    {Kind::Dimension, 1, Kind::Scalar},
    {Kind::Dimension, 2, Kind::Scalar},
};

/// By message and number: a search per field would take seconds on a file of
/// millions of unknown ones.
struct FieldTable {
  FieldTable() {
    for (auto &row : kinds)
      std::fill(std::begin(row), std::end(row), Kind::Dropped);
    for (const Field &field : fields)
      kinds[size_t(field.message)][field.number] = field.kind;
  }
  Kind lookup(Kind message, uint64_t number) const {
    return number < numNumbers ? kinds[size_t(message)][number] : Kind::Dropped;
  }

private:
  static constexpr size_t numNumbers = 32;
  Kind kinds[size_t(Kind::Scalar)][numNumbers];
};

constexpr unsigned stringDataField = 6, rawDataField = 9;

class Scanner {
public:
  Scanner(ArrayRef<uint8_t> bytes, const ImportLimits &limits)
      : bytes(bytes), limits(limits) {}

  Error scanMessage(Kind message, uint64_t end, unsigned depth);

  ScannedModel model;

private:
  enum WireType { Varint = 0, Fixed64 = 1, Length = 2, Fixed32 = 5 };

  Error scanField(Kind message, uint64_t end, unsigned depth);
  Error scanSubmessage(Kind kind, uint64_t number, uint64_t end,
                       unsigned depth);
  Error recordData(uint64_t number, unsigned wire, uint64_t start,
                   uint64_t payload, uint64_t end);
  bool isPacked(Kind kind, uint64_t from, uint64_t end);
  /// Before so many bytes are added to the structure.
  Error count(uint64_t items, uint64_t bytes = 0);

  Error fail(uint64_t offset, const Twine &what) {
    return createStringError(
        formatv("byte {0}: {1}", offset, what.str()).str());
  }

  void writeVarint(uint64_t value) {
    for (; value >= 0x80; value >>= 7)
      model.structure.push_back(char(value | 0x80));
    model.structure.push_back(char(value));
  }

  const FieldTable fieldTable;
  ArrayRef<uint8_t> bytes;
  const ImportLimits &limits;
  uint64_t offset = 0, items = 0;
  /// The TensorProto that is being read.
  TensorData *tensor = nullptr;
};

Error Scanner::count(uint64_t cost, uint64_t added) {
  items += cost;
  if (items > limits.maxItems || added > limits.maxStructureBytes ||
      model.structure.size() > limits.maxStructureBytes - added)
    return fail(offset, "the graph's structure is larger than the importer "
                        "accepts; a model of this size is either "
                        "damaged or needs higher import limits");
  return Error::success();
}

bool Scanner::isPacked(Kind kind, uint64_t from, uint64_t end) {
  if (kind == Kind::Floats)
    return (end - from) % 4 == 0;
  while (from < end)
    if (!readVarint(bytes, from, end))
      return false;
  return true;
}

Error Scanner::scanMessage(Kind message, uint64_t end, unsigned depth) {
  while (offset < end)
    if (Error error = scanField(message, end, depth))
      return error;
  return Error::success();
}

Error Scanner::scanField(Kind message, uint64_t end, unsigned depth) {
  uint64_t start = offset;
  std::optional<uint64_t> tag = readVarint(bytes, offset, end);
  if (!tag)
    return fail(start, "a field's tag is cut off or too long; the file is "
                       "truncated or damaged");
  uint64_t number = *tag >> 3;
  unsigned wire = *tag & 7;
  if (number == 0 || number > (1u << 29) - 1)
    return fail(
        start, formatv("there is no field {0}; the file is damaged or not ONNX",
                       number)
                   .str());

  uint64_t size = 0;
  if (wire == Varint) {
    uint64_t probe = offset;
    if (!readVarint(bytes, probe, end))
      return fail(
          offset,
          "a number is cut off or too long; the file is truncated or damaged");
    size = probe - offset;
  } else if (wire == Fixed64 || wire == Fixed32) {
    size = wire == Fixed64 ? 8 : 4;
  } else if (wire == Length) {
    std::optional<uint64_t> length = readVarint(bytes, offset, end);
    if (!length)
      return fail(
          start,
          "a length is cut off or too long; the file is truncated or damaged");
    size = *length;
  } else {
    return fail(start, formatv("wire type {0} is not one of ONNX's; the file "
                               "is damaged or not ONNX",
                               wire)
                           .str());
  }
  if (size > end - offset)
    return fail(start, formatv("a field of {0} bytes does not fit into its "
                               "message, which ends at byte {1}; the file "
                               "is truncated or damaged",
                               size, end)
                           .str());

  Kind kind = fieldTable.lookup(message, number);
  if (kind == Kind::Data)
    return recordData(number, wire, start, offset, offset + size);
  if (kind == Kind::Dropped) {
    offset += size;
    return Error::success();
  }
  if (kind == Kind::Varints || kind == Kind::Floats) {
    if (wire == Length && !isPacked(kind, offset, offset + size))
      return fail(start,
                  "a list of numbers ends within one; the file is damaged");
    kind = Kind::Scalar;
  }
  if (kind == Kind::Scalar) {
    // A sparse file may hold more zeros than there is memory.
    if (Error error = count(1, offset + size - start))
      return error;
    offset += size;
    model.structure.append(bytes.begin() + start, bytes.begin() + offset);
    return Error::success();
  }
  if (wire != Length)
    return fail(start, formatv("field {0} holds a number where a message "
                               "belongs; the file is damaged",
                               number)
                           .str());
  return scanSubmessage(kind, number, offset + size, depth + 1);
}

Error Scanner::scanSubmessage(Kind kind, uint64_t number, uint64_t end,
                              unsigned depth) {
  if (depth > limits.maxDepth)
    return fail(offset, formatv("messages are nested deeper than {0}; flatten "
                                "the model's subgraphs",
                                limits.maxDepth)
                            .str());
  if (Error error = count(8))
    return error;
  writeVarint(number << 3 | Length);
  // The length is known only afterwards: five bytes hold any, and protobuf
  // accepts leading zeros in a varint.
  size_t lengthAt = model.structure.size();
  model.structure.append(5, '\0');

  TensorData data;
  TensorData *outer = tensor;
  data.offset = offset;
  tensor = kind == Kind::Tensor ? &data : nullptr;
  if (Error error = scanMessage(kind, end, depth))
    return error;
  tensor = outer;
  if (kind == Kind::Tensor) {
    writeVarint(rawDataField << 3 | Length);
    writeVarint(sizeof(uint64_t));
    char marker[sizeof(uint64_t)];
    support::endian::write64le(marker, model.tensors.size());
    model.structure.append(marker, sizeof(marker));
    model.tensors.push_back(std::move(data));
  }

  uint64_t length = model.structure.size() - lengthAt - 5;
  for (unsigned i = 0; i < 5; ++i, length >>= 7)
    model.structure[lengthAt + i] = char((length & 0x7f) | (i < 4 ? 0x80 : 0));
  return Error::success();
}

Error Scanner::recordData(uint64_t number, unsigned wire, uint64_t start,
                          uint64_t payload, uint64_t end) {
  offset = end;
  if (number == stringDataField) {
    tensor->hasStrings = true;
    return Error::success();
  }
  bool packed = wire == Length;
  if (number == rawDataField) {
    if (!packed)
      return fail(start,
                  "raw_data is not a sequence of bytes; the file is damaged");
    // As in protobuf, the last one wins.
    llvm::erase_if(tensor->runs, [](const DataRun &run) {
      return run.field == rawDataField;
    });
  }
  uint64_t from = packed ? payload : start;
  if (!packed && !tensor->runs.empty()) {
    DataRun &last = tensor->runs.back();
    if (!last.packed && last.field == number &&
        last.offset + last.size == from) {
      last.size = end - last.offset;
      return Error::success();
    }
  }
  tensor->runs.push_back({from, end - from, unsigned(number), packed});
  return count(1);
}

} // namespace

std::optional<uint64_t> qcc::importer::readVarint(ArrayRef<uint8_t> bytes,
                                                  uint64_t &offset,
                                                  uint64_t end) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && offset < end; shift += 7) {
    uint8_t byte = bytes[offset++];
    value |= uint64_t(byte & 0x7f) << shift;
    if (!(byte & 0x80))
      return value;
  }
  return std::nullopt;
}

Expected<ScannedModel> qcc::importer::scanModel(ArrayRef<uint8_t> bytes,
                                                const ImportLimits &limits) {
  Scanner scanner(bytes, limits);
  if (Error error = scanner.scanMessage(Kind::Model, bytes.size(), 0))
    return error;
  return std::move(scanner.model);
}

std::optional<uint64_t> qcc::importer::getTensorNumber(StringRef rawData) {
  if (rawData.size() != sizeof(uint64_t))
    return std::nullopt;
  return support::endian::read64le(rawData.data());
}
