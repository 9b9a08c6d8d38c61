#include "lib/Import/ONNX/MappedFile.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/Twine.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace llvm;
using namespace qcc::importer;

namespace {

class FileDescriptor {
public:
  explicit FileDescriptor(int fd) : fd(fd) {}
  FileDescriptor(FileDescriptor &&other) : fd(other.fd) { other.fd = -1; }
  FileDescriptor &operator=(FileDescriptor &&other) {
    std::swap(fd, other.fd);
    return *this;
  }
  ~FileDescriptor() {
    if (fd >= 0)
      close(fd);
  }
  int get() const { return fd; }

private:
  int fd;
};

class Mapping : public Bytes {
public:
  Mapping(void *address, size_t size) {
    bytes = ArrayRef(static_cast<const uint8_t *>(address), size);
  }
  ~Mapping() override {
    if (!bytes.empty())
      munmap(const_cast<uint8_t *>(bytes.data()), bytes.size());
  }
};

class Copy : public Bytes {
public:
  explicit Copy(StringRef source) : storage(source.str()) {
    bytes = ArrayRef(reinterpret_cast<const uint8_t *>(storage.data()),
                     storage.size());
  }

private:
  std::string storage;
};

/// An empty path: whoever shows the error names the file.
Error fail(StringRef path, const Twine &why) {
  if (path.empty())
    return createStringError(why);
  return createStringError("'" + path + "' " + why);
}

/// `isOurs`: the user named the file; otherwise the model did.
Expected<SharedBytes> map(const FileDescriptor &file, StringRef path,
                          bool isOurs) {
  struct stat status;
  if (fstat(file.get(), &status) != 0)
    return fail(path, Twine("cannot be examined: ") + strerror(errno));
  if (!S_ISREG(status.st_mode))
    return fail(path, "is not a regular file");
  if (!isOurs && status.st_nlink > 1)
    return fail(path, "has several hard links, so it may be a file from "
                      "outside the model's folder; copy it");
  if (status.st_size == 0)
    return std::make_shared<Mapping>(nullptr, 0);
  void *address =
      mmap(nullptr, status.st_size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (address == MAP_FAILED)
    return fail(path, Twine("cannot be mapped: ") + strerror(errno));
  return std::make_shared<Mapping>(address, status.st_size);
}

// O_NONBLOCK: opening a named pipe would wait for a writer.
constexpr int openFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;

} // namespace

Expected<SharedBytes> qcc::importer::mapFile(StringRef path) {
  FileDescriptor file(open(path.str().c_str(), openFlags));
  if (file.get() < 0)
    return fail("", Twine("cannot be opened: ") + strerror(errno));
  return map(file, "", /*isOurs=*/true);
}

SharedBytes qcc::importer::copyBytes(StringRef bytes) {
  return std::make_shared<Copy>(bytes);
}

Expected<SharedBytes> ExternalFiles::open(StringRef location) {
  SharedBytes &known = files[location];
  if (known)
    return known;
  if (location.empty())
    return createStringError("external data without a location");
  if (location.contains('\0') || location.starts_with("/"))
    return fail(location, "is not a path inside the model's folder; external "
                          "data must be given relative to it");

  // One component at a time, so that no link is followed between a check and
  // the use of what it checked.
  FileDescriptor at(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (at.get() < 0)
    return fail(folder, Twine("cannot be opened: ") + strerror(errno));
  SmallVector<StringRef> parts;
  location.split(parts, '/', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  llvm::erase(parts, ".");
  if (parts.empty() || llvm::is_contained(parts, ".."))
    return fail(location, "leaves the model's folder; external data must lie "
                          "inside it");
  for (auto [i, part] : llvm::enumerate(parts)) {
    bool isLast = i + 1 == parts.size();
    int flags = openFlags | O_NOFOLLOW | (isLast ? 0 : O_DIRECTORY);
    FileDescriptor next(openat(at.get(), part.str().c_str(), flags));
    if (next.get() < 0) {
      struct stat status;
      if (fstatat(at.get(), part.str().c_str(), &status, AT_SYMLINK_NOFOLLOW) ==
              0 &&
          S_ISLNK(status.st_mode))
        return fail(location, "goes through a symbolic link ('" + part +
                                  "'), which may lead out of the model's "
                                  "folder; copy what it points to");
      return fail(location, Twine("cannot be opened: ") + strerror(errno));
    }
    at = std::move(next);
  }
  Expected<SharedBytes> file = map(at, location, /*isOurs=*/false);
  if (file)
    known = *file;
  return file;
}
