#include "lib/Driver/TensorFile.h"

#include "lib/Driver/Errors.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace qcc::driver {

Expected<Tensor> readTensor(StringRef path, mlir::MLIRContext &context,
                            mlir::Type expected) {
  StringRef ending = sys::path::extension(path);
  if (ending != ".npy" && ending != ".pb")
    return makeUsageError("'" + path + "' is no tensor that qcc reads: its " +
                          "name must end in .npy or .pb");
  auto buffer = MemoryBuffer::getFile(path, /*IsText=*/false,
                                      /*RequiresNullTerminator=*/false);
  if (!buffer)
    return makeUsageError("cannot read '" + path +
                          "': " + buffer.getError().message());
  StringRef bytes = (*buffer)->getBuffer();
  Expected<Tensor> tensor =
      ending == ".npy"
          ? readNpy(bytes, context, expected)
          : readTensorProto(bytes, sys::path::parent_path(path), context);
  if (!tensor)
    return makeUsageError("'" + path + "': " + toString(tensor.takeError()));
  return tensor;
}

Expected<std::string> writeTensor(StringRef folder, StringRef name,
                                  const Tensor &tensor) {
  std::string file = name.str();
  std::replace(file.begin(), file.end(), '/', '_');
  std::optional<std::string> bytes = makeNpy(tensor);
  file += bytes ? ".npy" : ".pb";
  if (!bytes) {
    Expected<std::string> proto = makeTensorProto(name, tensor);
    if (!proto)
      return proto.takeError();
    bytes = std::move(*proto);
  }
  SmallString<128> path(folder);
  sys::path::append(path, file);
  std::error_code error;
  raw_fd_ostream out(path, error);
  if (!error) {
    out << *bytes;
    out.close();
    error = out.error();
    out.clear_error();
  }
  if (error)
    return makeUsageError("cannot write '" + path + "': " + error.message());
  return path.str().str();
}

std::string getTypeName(mlir::Type type) {
  return TypeSwitch<mlir::Type, std::string>(type)
      .Case([](mlir::IntegerType integer) {
        if (integer.getWidth() == 1)
          return std::string("bool");
        return (integer.isUnsigned() ? "uint" : "int") +
               utostr(integer.getWidth());
      })
      .Case([](mlir::BFloat16Type) { return std::string("bfloat16"); })
      .Case<mlir::Float16Type, mlir::Float32Type, mlir::Float64Type>(
          [&](auto) { return "float" + utostr(type.getIntOrFloatBitWidth()); })
      .Default([](mlir::Type other) {
        // f8E4M3FN -> float8_e4m3fn
        std::string text;
        raw_string_ostream(text) << other;
        StringRef tail = text;
        if (!tail.consume_front("f"))
          return text;
        StringRef digits = tail.take_while(isDigit);
        return "float" + digits.str() + "_" +
               tail.drop_front(digits.size()).lower();
      });
}

std::string getTypeName(mlir::Type type, ArrayRef<int64_t> shape) {
  std::string text = getTypeName(type) + "[";
  for (auto [axis, extent] : enumerate(shape)) {
    text += axis ? "," : "";
    text += extent < 0 ? "?" : std::to_string(extent);
  }
  return text + "]";
}

} // namespace qcc::driver
