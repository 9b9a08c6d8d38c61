// What a compiled model tells its user and its runtime, on the compiler's side.
//
// ModelInterface is filled by the driver from the graph's signature and by the
// weights writer; it becomes the constant `qccgen_desc`, the exported functions
// NAME_open, NAME_run, NAME_close, NAME_describe and NAME_free_error, the table
// `qcc_model`, and the C header beside the artifact.

#ifndef LIB_HOST_DESCRIPTOR_H
#define LIB_HOST_DESCRIPTOR_H

#include "qcc/Runtime/Model.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <optional>
#include <string>
#include <vector>

namespace llvm {
class Module;
class TargetMachine;
} // namespace llvm

namespace mlir {
class Type;
} // namespace mlir

namespace qcc::host {

struct DimInterface {
  int64_t extent = -1; ///< -1: known at run time only.
  std::string symbol;  ///< Of a dynamic extent; empty when it has no name.
};

struct TensorInterface {
  std::string name;
  DLDataType dtype;
  std::vector<DimInterface> dims;
  std::string format;    ///< Of a formatted value's component; else empty.
  std::string component; ///< "codes", "scales", ...; else empty.
  int32_t aliasInput = -1;
};

/// Where the constants are. At most one of `file` and `embedded` is non-empty.
struct WeightsInterface {
  std::string file; ///< Base name of the side file.
  uint64_t bytes = 0;
  uint64_t checksum = 0;
  std::string embedded; ///< The constants themselves, when they are few.
};

/// A device beside the host's processor; see qccrt_device_desc.
struct DeviceInterface {
  std::string name;   ///< By which messages call it.
  std::string driver; ///< What qcc_device_driver.name is.
  /// The symbol of its qcc_device_driver, in an object that is linked with the
  /// model.
  std::string driverSymbol;
  std::string machine;
  std::string code;
  std::vector<std::string> entries;
  std::vector<uint64_t> requiredBytes; ///< Of each memory space.
  /// Within the model's constants.
  uint64_t constantsOffset = 0;
  uint64_t constantsBytes = 0;
};

struct ModelInterface {
  std::string name; ///< A C identifier: makeModelName().
  std::vector<TensorInterface> inputs;
  std::vector<TensorInterface> outputs;
  WeightsInterface weights;
  std::vector<DeviceInterface> devices;
  /// What became of each layer, as JSON; the exported constant NAME_layers.
  std::string layers;
};

/// A C identifier from a file's stem: other characters become '_'.
std::string makeModelName(llvm::StringRef stem);

/// DLPack's type of a tensor element; signless integers count as signed, i1 as
/// bool. Nothing for a type that DLPack does not have.
std::optional<DLDataType> getDLDataType(mlir::Type type);

/// "float32", "uint8", "bfloat16", "bool": NumPy's (ml_dtypes') name.
std::string getTypeName(DLDataType type);

/// Adds the descriptor, the exported functions and their table to `module`,
/// which defines or declares qccgen_main. Everything else is made hidden.
void addDescriptor(llvm::Module &module, const ModelInterface &interface,
                   const llvm::TargetMachine &machine);

/// The exported symbols, as they are named in the artifact.
std::vector<std::string> getExportedSymbols(const ModelInterface &interface);

/// Text of the C header that stands beside the artifact; self-contained.
std::string makeHeader(const ModelInterface &interface);

} // namespace qcc::host

#endif // LIB_HOST_DESCRIPTOR_H
