// The qnn dialect and qcc's passes for other people's tools:
//
//   mlir-opt --load-dialect-plugin=QccPlugin.so --load-pass-plugin=QccPlugin.so
//
// Any tool that loads MLIR's plug-ins can take it that links the same libMLIR:
// a statically linked one has a second copy of MLIR's types, which match none
// of ours.

#include "lib/Driver/Registration.h"

#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"

extern "C" LLVM_ATTRIBUTE_WEAK mlir::DialectPluginLibraryInfo
mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "qcc", LLVM_VERSION_STRING,
          [](mlir::DialectRegistry *registry) {
            qcc::driver::registerDialects(*registry);
          }};
}

extern "C" LLVM_ATTRIBUTE_WEAK mlir::PassPluginLibraryInfo
mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "qcc", LLVM_VERSION_STRING,
          [] { qcc::driver::registerPasses(); }};
}
