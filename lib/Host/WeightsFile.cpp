#include "lib/Host/WeightsFile.h"
#include "qcc/Runtime/WeightsFile.h"

#include "llvm/Support/Errno.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/Path.h"

#include <cerrno>
#include <unistd.h>

using namespace llvm;

namespace qcc::host {

Expected<std::unique_ptr<WeightsFile>> WeightsFile::create(StringRef path) {
  int descriptor;
  SmallString<128> temporary;
  if (std::error_code error = sys::fs::createUniqueFile(
          path + ".%%%%%%.tmp", descriptor, temporary, sys::fs::OF_None, 0644))
    return createStringError(error, "cannot write the weights file %s: %s",
                             path.str().c_str(), error.message().c_str());
  return std::unique_ptr<WeightsFile>(
      new WeightsFile(path.str(), temporary.str().str(), descriptor));
}

WeightsFile::~WeightsFile() {
  ::close(descriptor);
  if (!temporary.empty())
    sys::fs::remove(temporary);
}

Error WeightsFile::makeError(StringRef action) const {
  int code = errno;
  return createStringError(std::error_code(code, std::generic_category()),
                           "cannot %s the weights file %s: %s",
                           action.str().c_str(), path.c_str(),
                           sys::StrError(code).c_str());
}

uint64_t WeightsFile::reserve(uint64_t size, uint64_t alignment) {
  assert(isPowerOf2_64(alignment) && alignment <= QCCRT_WEIGHTS_HEADER_BYTES);
  std::lock_guard<std::mutex> guard(mutex);
  uint64_t offset = alignTo(bytes, alignment);
  bytes = offset + size;
  return offset;
}

Error WeightsFile::write(uint64_t offset, ArrayRef<char> data) {
  assert(offset + data.size() <= bytes && "write to what is not reserved");
  while (!data.empty()) {
    ssize_t written = sys::RetryAfterSignal(
        -1, ::pwrite, descriptor, data.data(), data.size(),
        static_cast<off_t>(offset + QCCRT_WEIGHTS_HEADER_BYTES));
    if (written < 0)
      return makeError("write");
    offset += static_cast<uint64_t>(written);
    data = data.drop_front(static_cast<size_t>(written));
  }
  return Error::success();
}

Expected<uint64_t> WeightsFile::append(ArrayRef<char> data,
                                       uint64_t alignment) {
  uint64_t offset = reserve(data.size(), alignment);
  if (Error error = write(offset, data))
    return std::move(error);
  return offset;
}

// Blobs arrive in any order, so the file is read once more; it is still in the
// system's cache.
static uint64_t forEachPiece(int descriptor, uint64_t bytes,
                             function_ref<void(ArrayRef<char>)> use) {
  std::vector<char> piece(1 << 20);
  uint64_t done = 0;
  while (done < bytes) {
    size_t size = std::min<uint64_t>(piece.size(), bytes - done);
    ssize_t got = sys::RetryAfterSignal(
        -1, ::pread, descriptor, piece.data(), size,
        static_cast<off_t>(done + QCCRT_WEIGHTS_HEADER_BYTES));
    if (got <= 0)
      break;
    use(ArrayRef<char>(piece.data(), static_cast<size_t>(got)));
    done += static_cast<uint64_t>(got);
  }
  return done;
}

Expected<uint64_t> WeightsFile::computeChecksum() const {
  qccrt_checksum sum;
  qccrt_checksum_begin(&sum);
  uint64_t done = forEachPiece(descriptor, bytes, [&](ArrayRef<char> piece) {
    qccrt_checksum_add(&sum, piece.data(), piece.size());
  });
  if (done != bytes)
    return makeError("read back");
  return qccrt_checksum_end(&sum);
}

Expected<WeightsInterface> WeightsFile::embed() {
  isEmbedded = true;
  WeightsInterface weights;
  weights.bytes = bytes;
  uint64_t done = forEachPiece(descriptor, bytes, [&](ArrayRef<char> piece) {
    weights.embedded.append(piece.data(), piece.size());
  });
  if (done != bytes)
    return makeError("read back");
  return weights;
}

Expected<WeightsInterface> WeightsFile::finish(uint64_t embedLimit) {
  // What was reserved last may not be written yet, or be padding.
  if (::ftruncate(descriptor,
                  static_cast<off_t>(bytes + QCCRT_WEIGHTS_HEADER_BYTES)) != 0)
    return makeError("extend");
  if (bytes <= embedLimit)
    return embed();
  Expected<uint64_t> checksum = computeChecksum();
  if (!checksum)
    return checksum.takeError();
  WeightsInterface weights;
  weights.file = sys::path::filename(path).str();
  weights.bytes = bytes;
  weights.checksum = *checksum;
  qccrt_weights_header header = {};
  header.magic = QCCRT_WEIGHTS_MAGIC;
  header.version = QCCRT_WEIGHTS_VERSION;
  header.header_bytes = QCCRT_WEIGHTS_HEADER_BYTES;
  header.payload_bytes = bytes;
  header.checksum = weights.checksum;
  if (::pwrite(descriptor, &header, sizeof(header), 0) != sizeof(header))
    return makeError("write");
  return weights;
}

Error WeightsFile::publish() {
  std::error_code error =
      isEmbedded ? sys::fs::remove(path) : sys::fs::rename(temporary, path);
  if (error)
    return createStringError(error, "cannot write the weights file %s: %s",
                             path.c_str(), error.message().c_str());
  if (!isEmbedded)
    temporary.clear();
  return Error::success();
}

} // namespace qcc::host
