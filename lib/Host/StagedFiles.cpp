#include "lib/Host/StagedFiles.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"

using namespace llvm;

namespace qcc::host {

StagedFiles::~StagedFiles() {
  for (const File &file : files)
    sys::fs::remove(file.temporary);
}

static Error makeError(std::error_code error, StringRef path) {
  return createStringError(error, "cannot write %s: %s", path.str().c_str(),
                           error.message().c_str());
}

Expected<std::string> StagedFiles::add(StringRef path) {
  SmallString<128> temporary;
  if (std::error_code error =
          sys::fs::createUniqueFile(path + ".%%%%%%.tmp", temporary))
    return makeError(error, path);
  files.push_back({path.str(), temporary.str().str()});
  return files.back().temporary;
}

Error StagedFiles::publish() {
  while (!files.empty()) {
    const File &file = files.front();
    if (std::error_code error = sys::fs::rename(file.temporary, file.path))
      return makeError(error, file.path);
    files.erase(files.begin());
  }
  return Error::success();
}

} // namespace qcc::host
