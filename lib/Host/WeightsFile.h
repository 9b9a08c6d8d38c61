// Writes the constants of a model: into the side file that
// qcc/Runtime/WeightsFile.h describes, or into memory when they are few and
// shall lie inside the object.
//
//   auto writer = WeightsFile::create(makeWeightsPath("model.so"));
//   uint64_t offset = (*writer)->reserve(bytes, 64);
//   (*writer)->write(offset, panel);   // any thread, any order
//   auto weights = (*writer)->finish(embedLimit);
//   (*writer)->publish();              // when the code is written, too
//
// Offsets are relative to what qccrt_constants() returns.

#ifndef LIB_HOST_WEIGHTSFILE_H
#define LIB_HOST_WEIGHTSFILE_H

#include "lib/Host/Descriptor.h"
#include "llvm/ADT/ArrayRef.h"

#include <memory>
#include <mutex>

namespace qcc::host {

class WeightsFile {
public:
  /// Models with fewer bytes of constants than this need no side file.
  static constexpr uint64_t defaultEmbedLimit = 64 * 1024;

  /// Begins `path`; the file appears under its name by publish().
  static llvm::Expected<std::unique_ptr<WeightsFile>>
  create(llvm::StringRef path);
  ~WeightsFile();

  /// Space for a blob; `alignment` is a power of two up to 4096. Not
  /// initialized space reads as zero. Thread-safe.
  uint64_t reserve(uint64_t bytes, uint64_t alignment = 64);

  /// Puts a part of a reserved blob to its place. Thread-safe.
  llvm::Error write(uint64_t offset, llvm::ArrayRef<char> data);

  /// reserve() and write() in one.
  llvm::Expected<uint64_t> append(llvm::ArrayRef<char> data,
                                  uint64_t alignment = 64);

  uint64_t getBytes() const { return bytes; }

  /// Completes the file. At most `embedLimit` bytes are returned in `embedded`
  /// instead, and there will be no file.
  llvm::Expected<WeightsInterface>
  finish(uint64_t embedLimit = defaultEmbedLimit);

  /// Gives a finished file its name, or, when all is embedded, removes the one
  /// that an earlier compilation left there.
  llvm::Error publish();

private:
  WeightsFile(std::string path, std::string temporary, int descriptor)
      : path(std::move(path)), temporary(std::move(temporary)),
        descriptor(descriptor) {}

  llvm::Error makeError(llvm::StringRef action) const;
  llvm::Expected<WeightsInterface> embed();
  llvm::Expected<uint64_t> computeChecksum() const;

  std::string path, temporary;
  int descriptor;
  std::mutex mutex;
  uint64_t bytes = 0;
  bool isEmbedded = false;
};

} // namespace qcc::host

#endif // LIB_HOST_WEIGHTSFILE_H
