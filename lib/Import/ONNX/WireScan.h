// A first pass over the bytes of a model, before protobuf sees them.
//
// Protobuf would copy all tensor data, cannot read above 2 GB, and allocates up
// to a hundred bytes for each byte of a hostile file. So we walk the wire
// format ourselves, check every length against its enclosing message, and write
// a second, small model for protobuf to parse: without documentation, without
// what the importer never reads, and with each tensor's data replaced by a
// number. With the number, ScannedModel tells where in the file the data lie.
//
//   TensorProto { dims: 2  data_type: FLOAT  raw_data: <8 bytes at offset 1234>
//   } becomes TensorProto { dims: 2  data_type: FLOAT  raw_data: <0 as 8 bytes>
//   }    tensors[0] = { runs: {offset 1234, size 8} }

#ifndef LIB_IMPORT_ONNX_WIRESCAN_H
#define LIB_IMPORT_ONNX_WIRESCAN_H

#include "qcc/Import/Importer.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"

#include <optional>
#include <string>
#include <vector>

namespace qcc::importer {

/// Consecutive bytes of a tensor's data in the file.
struct DataRun {
  uint64_t offset;
  uint64_t size;
  /// The field of TensorProto: raw_data is 9, float_data 4, ...
  unsigned field;
  /// Elements without tags between them. Otherwise each element is a whole
  /// field, tag included.
  bool packed;
};

/// The data of one TensorProto; its other fields are in the structure.
struct TensorData {
  /// Where the message starts.
  uint64_t offset = 0;
  llvm::SmallVector<DataRun, 1> runs;
  /// string_data was there; it is not kept.
  bool hasStrings = false;
};

struct ScannedModel {
  /// What protobuf parses.
  std::string structure;
  std::vector<TensorData> tensors;
};

/// The error's text begins with "byte N: ".
llvm::Expected<ScannedModel> scanModel(llvm::ArrayRef<uint8_t> bytes,
                                       const ImportLimits &limits);

/// The number that scanModel wrote in place of the data.
std::optional<uint64_t> getTensorNumber(llvm::StringRef rawData);

/// Reads a base-128 number at `offset` and moves past it; nothing when it
/// passes `end` or has more than 64 bits.
std::optional<uint64_t> readVarint(llvm::ArrayRef<uint8_t> bytes,
                                   uint64_t &offset, uint64_t end);

} // namespace qcc::importer

#endif // LIB_IMPORT_ONNX_WIRESCAN_H
