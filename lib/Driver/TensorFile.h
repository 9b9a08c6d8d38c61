// Tensors in files: NumPy's .npy, and .pb, an ONNX TensorProto.

#ifndef LIB_DRIVER_TENSORFILE_H
#define LIB_DRIVER_TENSORFILE_H

#include "qcc/Executor/Tensor.h"

namespace qcc::driver {

/// Reads a tensor by the ending of `path`. .npy has no name for ml_dtypes'
/// types and calls them bytes: where `expected` has as many bits, they are of
/// it.
llvm::Expected<Tensor> readTensor(llvm::StringRef path,
                                  mlir::MLIRContext &context,
                                  mlir::Type expected = {});

/// Writes FOLDER/NAME.npy, or .pb for a type that npy lacks. A '/' in the name
/// becomes '_'. Returns the path.
llvm::Expected<std::string>
writeTensor(llvm::StringRef folder, llvm::StringRef name, const Tensor &tensor);

// --- One file format each.

llvm::Expected<Tensor> readNpy(llvm::StringRef bytes,
                               mlir::MLIRContext &context, mlir::Type expected);
/// Nothing when npy has no such type.
std::optional<std::string> makeNpy(const Tensor &tensor);

/// `folder` is where external data are looked for.
llvm::Expected<Tensor> readTensorProto(llvm::StringRef bytes,
                                       llvm::StringRef folder,
                                       mlir::MLIRContext &context);
llvm::Expected<std::string> makeTensorProto(llvm::StringRef name,
                                            const Tensor &tensor);

/// NumPy's (ml_dtypes') name of an element type: "float32", "uint4".
std::string getTypeName(mlir::Type elementType);
/// "float32[1,3,?]".
std::string getTypeName(mlir::Type elementType, llvm::ArrayRef<int64_t> shape);

} // namespace qcc::driver

#endif // LIB_DRIVER_TENSORFILE_H
