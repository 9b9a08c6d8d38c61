// Files that appear under their names together, when all of them are complete:
// what fails half-way leaves the files that were there before.

#ifndef LIB_HOST_STAGEDFILES_H
#define LIB_HOST_STAGEDFILES_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace qcc::host {

class StagedFiles {
public:
  StagedFiles() = default;
  StagedFiles(const StagedFiles &) = delete;
  StagedFiles &operator=(const StagedFiles &) = delete;
  /// Removes what was not published.
  ~StagedFiles();

  /// Where to write what shall become `path`: an empty file in its folder.
  llvm::Expected<std::string> add(llvm::StringRef path);

  /// Gives the files their names, in the order in which they were added.
  llvm::Error publish();

private:
  struct File {
    std::string path, temporary;
  };
  std::vector<File> files;
};

} // namespace qcc::host

#endif // LIB_HOST_STAGEDFILES_H
