// Files that are read without copying them.

#ifndef LIB_IMPORT_ONNX_MAPPEDFILE_H
#define LIB_IMPORT_ONNX_MAPPEDFILE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <memory>
#include <string>

namespace qcc::importer {

/// Bytes that stay where they are as long as somebody holds them.
class Bytes {
public:
  virtual ~Bytes() = default;
  llvm::ArrayRef<uint8_t> get() const { return bytes; }

protected:
  llvm::ArrayRef<uint8_t> bytes;
};
using SharedBytes = std::shared_ptr<const Bytes>;

/// Maps a regular file, following symbolic links: the user named it.
llvm::Expected<SharedBytes> mapFile(llvm::StringRef path);

SharedBytes copyBytes(llvm::StringRef bytes);

/// Files that a model names. They must lie inside the model's folder, and not
/// only by the look of their path: no component may be a symbolic link, and the
/// file may have no second hard link, since either can lead to any file that
/// the user can read. Each file is mapped once.
class ExternalFiles {
public:
  explicit ExternalFiles(std::string folder) : folder(std::move(folder)) {}

  /// The whole file at `location`, a path relative to the folder.
  llvm::Expected<SharedBytes> open(llvm::StringRef location);

private:
  std::string folder;
  llvm::StringMap<SharedBytes> files;
};

} // namespace qcc::importer

#endif // LIB_IMPORT_ONNX_MAPPEDFILE_H
