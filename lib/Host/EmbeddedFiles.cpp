#include "lib/Host/EmbeddedFiles.h"

#include "lib/Host/Embed.h"

using namespace llvm;

QCC_EMBED(qcc_dlpack_header, QCC_DLPACK_HEADER)
QCC_EMBED(qcc_model_header, QCC_MODEL_HEADER)
#ifdef QCC_RUNTIME_x86_64
QCC_EMBED(qcc_runtime_x86_64, QCC_RUNTIME_x86_64)
#endif
#ifdef QCC_RUNTIME_aarch64
QCC_EMBED(qcc_runtime_aarch64, QCC_RUNTIME_aarch64)
#endif
#ifdef QCC_RUNTIME_riscv64
QCC_EMBED(qcc_runtime_riscv64, QCC_RUNTIME_riscv64)
#endif

namespace qcc::host {

StringRef getRuntimeObject(Triple::ArchType arch) {
  switch (arch) {
#ifdef QCC_RUNTIME_x86_64
  case Triple::x86_64:
    return QCC_EMBEDDED(qcc_runtime_x86_64);
#endif
#ifdef QCC_RUNTIME_aarch64
  case Triple::aarch64:
    return QCC_EMBEDDED(qcc_runtime_aarch64);
#endif
#ifdef QCC_RUNTIME_riscv64
  case Triple::riscv64:
    return QCC_EMBEDDED(qcc_runtime_riscv64);
#endif
  default:
    return {};
  }
}

StringRef getDLPackHeader() { return QCC_EMBEDDED(qcc_dlpack_header); }
StringRef getModelHeader() { return QCC_EMBEDDED(qcc_model_header); }

} // namespace qcc::host
