// From TensorProto to attributes.

#ifndef LIB_IMPORT_ONNX_TENSORS_H
#define LIB_IMPORT_ONNX_TENSORS_H

#include "lib/Import/ONNX/ElementTypes.h"
#include "lib/Import/ONNX/MappedFile.h"
#include "lib/Import/ONNX/WireScan.h"

#include "mlir/IR/BuiltinAttributes.h"

namespace onnx {
class TensorProto;
}

namespace qcc::importer {

/// ONNX knows no limit; NumPy's is the same.
constexpr size_t maxRank = 64;

/// A tensor whose data were found and have the size that its shape asks for.
struct TensorView {
  ElementType element;
  mlir::RankedTensorType type;
  /// As raw_data lays them out: little endian, narrow elements packed.
  llvm::ArrayRef<uint8_t> data;
  /// Keeps the data where they are.
  SharedBytes owner;
};

/// Finds the data of a model's tensors: in the model's file, decoded from its
/// number fields, or in external files.
class TensorReader {
public:
  TensorReader(SharedBytes file, std::vector<TensorData> tensors,
               std::string folder, const ImportLimits &limits)
      : file(std::move(file)), tensors(std::move(tensors)),
        externalFiles(std::move(folder)), limits(limits) {}

  llvm::Expected<TensorView> read(const ::onnx::TensorProto &proto,
                                  mlir::MLIRContext *context);

private:
  llvm::Error readExternal(const ::onnx::TensorProto &proto, uint64_t size,
                           TensorView &view);
  llvm::Error readInternal(const TensorData &data, uint64_t count,
                           uint64_t size, TensorView &view);

  SharedBytes file;
  std::vector<TensorData> tensors;
  ExternalFiles externalFiles;
  ImportLimits limits;
};

/// Up to 4 KiB, and any repetition of one element, become a dense attribute;
/// more become a resource blob over the view's bytes. `name` is a hint for the
/// blob's key. Elements narrower than a byte take a byte each.
mlir::ElementsAttr makeAttribute(const TensorView &view, llvm::StringRef name);

/// A blob over `data`, which `owner` keeps.
mlir::ElementsAttr makeResource(mlir::RankedTensorType type,
                                llvm::ArrayRef<uint8_t> data, SharedBytes owner,
                                llvm::StringRef name);

} // namespace qcc::importer

#endif // LIB_IMPORT_ONNX_TENSORS_H
