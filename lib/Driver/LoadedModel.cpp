#include "lib/Driver/LoadedModel.h"

#include "lib/Driver/Errors.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <atomic>
#include <dlfcn.h>

using namespace llvm;

namespace qcc::driver {

LoadedModel::~LoadedModel() {
  if (model)
    api->close(model);
  if (library)
    dlclose(library);
}

Error LoadedModel::makeError(int32_t status, qcc_error *error) const {
  std::string message = error ? error->message : "no message";
  api->free_error(error);
  return make_error<ModelError>(status, "'" + name + "': " + message);
}

/// glibc takes a library that is loaded already for the file that has its name
/// by now. So each load spells the same path in another way, by the bits of a
/// counter: "./" and "/".
static std::string spellAnew(StringRef absolute) {
  static std::atomic<uint64_t> loads{0};
  std::string spelling = (sys::path::parent_path(absolute) + "/").str();
  for (uint64_t rest = ++loads; rest; rest >>= 1)
    spelling += rest & 1 ? "./" : "/";
  return spelling + sys::path::filename(absolute).str();
}

Expected<std::shared_ptr<LoadedModel>>
LoadedModel::open(StringRef path, unsigned threads, StringRef name) {
  if (name.empty())
    name = path;
  // Without a '/' the dynamic linker would search its own folders.
  SmallString<128> absolute(path);
  if (std::error_code error = sys::fs::make_absolute(absolute))
    return makeUsageError("cannot find '" + name + "': " + error.message());
  std::shared_ptr<LoadedModel> loaded(new LoadedModel(name));
  std::string spelling = spellAnew(absolute);
  loaded->library = dlopen(spelling.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!loaded->library) {
    // It names the file by the spelling, which tells a user nothing.
    StringRef reason = dlerror();
    reason.consume_front(spelling + ": ");
    return makeUsageError("cannot load the model '" + name + "': " + reason);
  }
  loaded->api = static_cast<const qcc_model_api *>(loaded->lookup("qcc_model"));
  if (!loaded->api || loaded->api->magic != QCC_MODEL_MAGIC)
    return makeUsageError("'" + name +
                          "' is no model compiled by qcc: it has " +
                          "no symbol 'qcc_model'");
  if (loaded->api->abi_version != QCC_ABI_VERSION)
    return makeUsageError("'" + name + "' has version " +
                          Twine(loaded->api->abi_version) +
                          " of the interface of compiled models and this qcc "
                          "version " +
                          Twine(QCC_ABI_VERSION) + ": recompile the model");
  qcc_env env = {};
  env.size = sizeof(env);
  env.num_threads = static_cast<int32_t>(threads);
  qcc_error *error = nullptr;
  if (int32_t status = loaded->api->open(nullptr, &env, &loaded->model, &error))
    return loaded->makeError(status, error);
  return loaded;
}

const void *LoadedModel::lookup(const char *symbol) const {
  return dlsym(library, symbol);
}

Error LoadedModel::run(const DLTensor *const *inputs,
                       DLManagedTensorVersioned **outputs) const {
  qcc_error *error = nullptr;
  if (int32_t status = api->run(model, inputs, outputs, &error))
    return makeError(status, error);
  return Error::success();
}

} // namespace qcc::driver
