// A compiled model in this process, through its C interface.

#ifndef LIB_DRIVER_LOADEDMODEL_H
#define LIB_DRIVER_LOADEDMODEL_H

#include "qcc/Runtime/Model.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <memory>
#include <string>

namespace qcc::driver {

class LoadedModel {
public:
  /// Loads the shared object at `path`. `threads` for a run, 0: all cores.
  /// Messages call it `name`, and without one by its path.
  static llvm::Expected<std::shared_ptr<LoadedModel>>
  open(llvm::StringRef path, unsigned threads, llvm::StringRef name = "");
  ~LoadedModel();

  /// As qcc_run_fn. May be called from several threads.
  llvm::Error run(const DLTensor *const *inputs,
                  DLManagedTensorVersioned **outputs) const;

  const qcc_description &getDescription() const { return *api->describe(); }
  /// A constant that the shared object exports; null without it.
  const void *lookup(const char *symbol) const;

private:
  explicit LoadedModel(llvm::StringRef name) : name(name) {}
  /// Takes over `error`.
  llvm::Error makeError(int32_t status, qcc_error *error) const;

  std::string name;
  void *library = nullptr;
  const qcc_model_api *api = nullptr;
  qcc_instance *model = nullptr;
};

} // namespace qcc::driver

#endif // LIB_DRIVER_LOADEDMODEL_H
