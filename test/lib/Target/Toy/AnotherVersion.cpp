// A plug-in that says it was built for another version of qcc: nothing of it
// may be called.

#include "qcc/Target/Plugin.h"

#include <cstdlib>

extern "C" const qcc::PluginInfo *qccGetPluginInfo() {
  static const qcc::PluginInfo info = {
      qcc::kPluginApiVersion + 1, "toy", LLVM_VERSION_STRING,
      [](qcc::PluginRegistry &) -> llvm::Error { std::abort(); }};
  return &info;
}
